use crate::{door, door_with, get, pass};
use chaos_host_api::http::{HttpError, HttpRequest, Trust};
use chaos_tests::scripted::{Server, ok};
use rcgen::{BasicConstraints, CertificateParams, IsCa, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use std::path::PathBuf;
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// A self-signed certificate, and a server that shows it.
async fn https(name: &str, claims_authority: bool) -> (Server, String) {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
    if claims_authority {
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    }
    let certificate = params.self_signed(&key).unwrap();
    let private = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], private)
        .unwrap();
    let server = Server::start_tls(Arc::new(config), |_| ok("secured")).await;
    (server, certificate.pem())
}

fn asking(server: &Server, trust: Trust) -> HttpRequest {
    HttpRequest {
        trust,
        ..get(&format!("https://{}/", server.address))
    }
}

#[tokio::test]
async fn a_self_signed_server_needs_trust() {
    let folder = tempfile::tempdir().unwrap();
    let bundle = folder.path().join("ca.pem");
    // `openssl req -x509` makes certificates that claim to be an authority.
    for claims_authority in [false, true] {
        let (server, pem) = https("127.0.0.1", claims_authority).await;
        std::fs::write(&bundle, &pem).unwrap();
        let door = door();
        let error = door
            .http(&pass(5.0), asking(&server, Trust::System))
            .await
            .unwrap_err();
        assert!(matches!(error, HttpError::Connect { .. }), "{error:?}");
        assert!(error.to_string().contains("certificate"), "{error}");
        for trust in [
            Trust::Anyone,
            Trust::Bundle(bundle.clone()),
            Trust::Bundle(folder.path().to_owned()),
        ] {
            // A bundle is read once for a door.
            let door = crate::door();
            let response = door.http(&pass(5.0), asking(&server, trust.clone())).await;
            assert_eq!(response.unwrap().text(), "secured", "{trust:?}");
        }
        let (by_variable, _) = door_with(&[("REQUESTS_CA_BUNDLE", bundle.to_str().unwrap())]);
        let response = by_variable
            .http(&pass(5.0), asking(&server, Trust::System))
            .await;
        assert_eq!(response.unwrap().text(), "secured");
    }
}

#[tokio::test]
async fn trust_in_a_certificate_is_not_trust_in_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let bundle = folder.path().join("ca.pem");
    for claims_authority in [false, true] {
        let (server, pem) = https("elsewhere.example", claims_authority).await;
        std::fs::write(&bundle, &pem).unwrap();
        let trust = Trust::Bundle(bundle.clone());
        let error = door()
            .http(&pass(5.0), asking(&server, trust))
            .await
            .unwrap_err();
        assert!(error.to_string().contains("not valid for name"), "{error}");
    }
    let (server, _) = https("127.0.0.1", true).await;
    let trust = Trust::Bundle(bundle);
    let error = door()
        .http(&pass(5.0), asking(&server, trust))
        .await
        .unwrap_err();
    assert!(matches!(error, HttpError::Connect { .. }), "{error:?}");
}

#[tokio::test]
async fn a_bundle_without_certificates_is_said() {
    let (server, _) = https("127.0.0.1", false).await;
    let folder = tempfile::tempdir().unwrap();
    let empty = folder.path().join("empty.pem");
    std::fs::write(&empty, "nothing").unwrap();
    for path in [PathBuf::from("/nowhere/ca.pem"), empty] {
        let trust = Trust::Bundle(path.clone());
        let error = door()
            .http(&pass(5.0), asking(&server, trust))
            .await
            .unwrap_err();
        assert!(
            error.to_string().contains(path.to_str().unwrap()),
            "{error}"
        );
    }
}

#[tokio::test]
async fn tls_on_a_plain_port_and_plain_on_a_tls_port_fail_to_connect() {
    let (secure, _) = https("127.0.0.1", false).await;
    let plain = Server::start(|_| ok("")).await;
    let to_secure = door().http(&pass(5.0), get(&secure.url("/"))).await;
    let to_plain = HttpRequest {
        trust: Trust::Anyone,
        ..get(&format!("https://{}/", plain.address))
    };
    let to_plain = door().http(&pass(0.5), to_plain).await;
    assert!(
        matches!(to_secure, Err(HttpError::Connect { .. })),
        "{to_secure:?}"
    );
    assert!(to_plain.is_err());
}

/// A proxy that opens tunnels to those who know its password.
async fn tunnelling() -> (std::net::SocketAddr, tokio::task::JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let task = tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                head.push(client.read_u8().await.unwrap());
            }
            let head = String::from_utf8(head).unwrap();
            let place = head.split(' ').nth(1).unwrap().to_owned();
            if !head.starts_with("CONNECT ")
                || !head.contains("\r\nProxy-Authorization: Basic bWU6czNjcmV0\r\n")
            {
                let refusal = b"HTTP/1.1 407 Who are you\r\n\r\n";
                client.write_all(refusal).await.unwrap();
                continue;
            }
            let mut server = TcpStream::connect(place).await.unwrap();
            client
                .write_all(b"HTTP/1.1 200 Go\r\nVia: x\r\n\r\n")
                .await
                .unwrap();
            tokio::spawn(async move {
                let _ = tokio::io::copy_bidirectional(&mut client, &mut server).await;
            });
        }
    });
    (address, task)
}

#[tokio::test]
async fn https_goes_through_a_tunnel_of_the_proxy() {
    let (server, _) = https("127.0.0.1", false).await;
    let (proxy, task) = tunnelling().await;
    let (door, _) = door_with(&[("https_proxy", &format!("http://me:s3cret@{proxy}"))]);
    let response = door.http(&pass(5.0), asking(&server, Trust::Anyone)).await;
    assert_eq!(response.unwrap().text(), "secured");
    let (stranger, _) = door_with(&[("HTTPS_PROXY", &format!("http://me:wr0ng@{proxy}"))]);
    let refused = stranger
        .http(&pass(5.0), asking(&server, Trust::Anyone))
        .await;
    let error = refused.unwrap_err().to_string();
    assert!(
        error.ends_with("the proxy refused the tunnel with status 407"),
        "{error}"
    );
    let (socks, _) = door_with(&[("ALL_PROXY", "socks5://127.0.0.1:1")]);
    let error = socks.http(&pass(5.0), asking(&server, Trust::Anyone)).await;
    let error = error.unwrap_err().to_string();
    assert!(
        error.ends_with("socks5 proxies are not supported"),
        "{error}"
    );
    task.abort();
}
