//! TLS set-ups, one for each [`Trust`], made at the first use of it: loading the system's
//! authorities takes longer than a whole exchange.

use super::Trust;
use crate::Door;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{WebPkiServerVerifier, verify_server_name};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
};
use std::path::Path;
use std::sync::Arc;

impl Door {
    /// The set-up for `trust`.
    ///
    /// # Errors
    /// No usable authorities.
    pub(super) async fn tls(&self, trust: &Trust) -> Result<Arc<ClientConfig>, String> {
        let mut known = self.http.tls.lock().await;
        if let Some(config) = known.get(trust) {
            return Ok(Arc::clone(config));
        }
        let wanted = match trust {
            Trust::System => self.bundle_of_environment().unwrap_or(Trust::System),
            Trust::Bundle(_) | Trust::Anyone => trust.clone(),
        };
        let config = tokio::task::spawn_blocking(move || set_up(&wanted))
            .await
            .map_err(|error| error.to_string())??;
        known.insert(trust.clone(), Arc::clone(&config));
        Ok(config)
    }

    /// What the variables name that `requests` reads, in its order.
    fn bundle_of_environment(&self) -> Option<Trust> {
        ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"]
            .into_iter()
            .filter_map(|name| self.variable(name))
            .find(|value| !value.is_empty())
            .map(|path| Trust::Bundle(path.into()))
    }
}

fn set_up(trust: &Trust) -> Result<Arc<ClientConfig>, String> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let verifier: Arc<dyn ServerCertVerifier> = match trust {
        Trust::Anyone => Arc::new(Anyone(Arc::clone(&provider))),
        Trust::Bundle(path) => bundle(path, &provider)?,
        Trust::System => Arc::new(
            rustls_platform_verifier::Verifier::new(Arc::clone(&provider))
                .map_err(|error| format!("the system's certificate authorities: {error}"))?,
        ),
    };
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .dangerous()
        .with_custom_certificate_verifier(verifier)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

fn bundle(
    path: &Path,
    provider: &Arc<CryptoProvider>,
) -> Result<Arc<dyn ServerCertVerifier>, String> {
    let unusable = |reason: String| {
        format!(
            "no usable certificate authorities in {}: {reason}",
            path.display()
        )
    };
    let certificates = certificates(path).map_err(unusable)?;
    let mut roots = RootCertStore::empty();
    let (added, _) = roots.add_parsable_certificates(certificates.iter().cloned());
    if added == 0 {
        return Err(unusable("it holds no PEM certificate".to_owned()));
    }
    let webpki = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider))
        .build()
        .map_err(|error| unusable(error.to_string()))?;
    Ok(Arc::new(Bundle {
        webpki,
        certificates,
    }))
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let of_file = |file: &Path| {
        let bytes = std::fs::read(file).map_err(|error| error.to_string())?;
        Ok(CertificateDer::pem_slice_iter(&bytes)
            .filter_map(Result::ok)
            .collect::<Vec<_>>())
    };
    if !path.is_dir() {
        return of_file(path);
    }
    let entries = std::fs::read_dir(path).map_err(|error| error.to_string())?;
    // As OpenSSL does with a folder: what is not a certificate is passed over.
    Ok(entries
        .filter_map(Result::ok)
        .filter_map(|entry| of_file(&entry.path()).ok())
        .flatten()
        .collect())
}

/// The authorities of a bundle, and its members themselves: a self-signed certificate made with
/// `openssl req -x509` claims to be an authority, which webpki refuses for a server although the
/// bundle names exactly this certificate. OpenSSL, and so the reference, accepts it.
#[derive(Debug)]
struct Bundle {
    webpki: Arc<WebPkiServerVerifier>,
    certificates: Vec<CertificateDer<'static>>,
}

impl ServerCertVerifier for Bundle {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let verified = self.webpki.verify_server_cert(
            end_entity,
            intermediates,
            server_name,
            ocsp_response,
            now,
        );
        match verified {
            // What webpki calls `CaUsedAsEndEntity`; expiry and names have errors of their own.
            Err(Error::InvalidCertificate(CertificateError::Other(_)))
                if self.certificates.iter().any(|own| own == end_entity) =>
            {
                verify_server_name(&ParsedCertificate::try_from(end_entity)?, server_name)?;
                Ok(ServerCertVerified::assertion())
            }
            verified => verified,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.webpki
            .verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.webpki
            .verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.webpki.supported_verify_schemes()
    }
}

/// `verify_tls: false`: any certificate, as long as the server holds its key.
#[derive(Debug)]
struct Anyone(Arc<CryptoProvider>);

impl ServerCertVerifier for Anyone {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
