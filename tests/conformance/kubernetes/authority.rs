//! Who signed what.

use rustls::ServerConfig;
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::ClientCertVerifier;
use std::sync::Arc;

/// A certificate authority, and what it signed for 127.0.0.1 and for a client, in a folder:
/// `ca.crt`, `client.crt`, `client.key`.
pub(crate) struct Authority {
    folder: tempfile::TempDir,
    /// Of a server that talks to everybody.
    pub(crate) lenient: Arc<ServerConfig>,
    /// Of a server that talks only to clients whose certificate this authority signed.
    pub(crate) strict: Arc<ServerConfig>,
}

impl Authority {
    pub(crate) fn new() -> Authority {
        let folder = tempfile::tempdir().unwrap();
        let key = rcgen::KeyPair::generate().unwrap();
        let mut parameters = rcgen::CertificateParams::new(Vec::new()).unwrap();
        parameters.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        let certificate = parameters.self_signed(&key).unwrap();
        let issuer = rcgen::Issuer::new(parameters, &key);
        let signed = |name: &str| {
            let key = rcgen::KeyPair::generate().unwrap();
            let parameters = rcgen::CertificateParams::new(vec![name.to_owned()]).unwrap();
            (parameters.signed_by(&key, &issuer).unwrap(), key)
        };
        let (client, client_key) = signed("client");
        for (name, content) in [
            ("ca.crt", certificate.pem()),
            ("client.crt", client.pem()),
            ("client.key", client_key.serialize_pem()),
        ] {
            std::fs::write(folder.path().join(name), content).unwrap();
        }
        let mut roots = rustls::RootCertStore::empty();
        roots.add(certificate.der().clone()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let verifier =
            WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider.clone());
        let (server, server_key) = signed("127.0.0.1");
        let configuration = |verifier: Arc<dyn ClientCertVerifier>| {
            let key = server_key.serialize_der();
            let key = rustls::pki_types::PrivateKeyDer::try_from(key).unwrap();
            let configuration = ServerConfig::builder_with_provider(provider.clone())
                .with_safe_default_protocol_versions()
                .unwrap()
                .with_client_cert_verifier(verifier)
                .with_single_cert(vec![server.der().clone()], key);
            Arc::new(configuration.unwrap())
        };
        Authority {
            folder,
            lenient: configuration(verifier.clone().allow_unauthenticated().build().unwrap()),
            strict: configuration(verifier.build().unwrap()),
        }
    }

    pub(crate) fn path(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    /// What a file holds.
    pub(crate) fn text(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }
}
