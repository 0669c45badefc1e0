//! `chaos:host/secrets`: placeholders, which the door replaces when a request leaves.

use super::State;
use super::bindings::chaos::host::secrets::{Error, Host};
use super::random::fill;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chaos_host_api::placeholder::{RANDOM_BYTES, Secret};
use serde_json::Value;
use std::sync::Arc;

impl Host for State {
    async fn placeholder(
        &mut self,
        target: String,
        key: String,
    ) -> wasmtime::Result<Result<String, Error>> {
        self.meter.host_call(target.len() + key.len())?;
        let secret = self.named(target, key);
        self.stand_for(secret)
    }

    async fn basic_authorization(
        &mut self,
        user: String,
        target: String,
        key: String,
    ) -> wasmtime::Result<Result<String, Error>> {
        self.meter
            .host_call(user.len() + target.len() + key.len())?;
        let secret = self.named(target, key).and_then(|secret| {
            if user.contains(|c: char| c == ':' || c.is_control()) {
                let text = "a user name of basic authentication holds no colon and no control \
                            character (RFC 7617)";
                return Err(Error::Denied(text.to_owned()));
            }
            let pair = STANDARD.encode(format!("{user}:{}", secret.value));
            Ok(Secret {
                sent: Some(format!("Basic {pair}")),
                ..secret
            })
        });
        self.stand_for(secret)
    }
}

impl State {
    /// A secret, if a grant names it at all.
    fn named(&self, target: String, key: String) -> Result<Secret, Error> {
        if let Some(permit) = self.guest.pass.permit() {
            let granted = permit.names_secret(&target, &key);
            granted.map_err(|denial| {
                self.guest.pass.note_denial();
                Error::Denied(denial.to_string())
            })?;
        }
        let secrets = &self.guest.variables.secrets;
        let value = secrets.get(&target).and_then(|group| group.get(&key));
        let value = match value {
            Some(Value::String(text)) => text.clone(),
            Some(Value::Number(number)) => number.to_string(),
            Some(_) => {
                let text = format!("the secret {target}.{key} is not a text");
                return Err(Error::Unknown(text));
            }
            None => {
                let text = format!(
                    "the experiment has no secret {}.{}",
                    target.escape_debug(),
                    key.escape_debug()
                );
                return Err(Error::Unknown(text));
            }
        };
        Ok(Secret {
            target,
            key,
            value,
            sent: None,
        })
    }

    fn stand_for(
        &mut self,
        secret: Result<Secret, Error>,
    ) -> wasmtime::Result<Result<String, Error>> {
        let mut random = [0; RANDOM_BYTES];
        fill(&mut random)?;
        let placeholder = secret.and_then(|secret| {
            let all = Arc::make_mut(&mut self.placeholders);
            let placeholder = all.stand_for(secret, random);
            placeholder.map_err(|none| Error::Denied(none.to_string()))
        });
        let (Ok(text) | Err(Error::Denied(text) | Error::Unknown(text))) = &placeholder;
        self.meter.pass_bytes(text.len())?;
        Ok(placeholder)
    }
}
