//! `chaos:host/configuration`: what the experiment's configuration comes to, name by name.

use super::State;
use super::bindings::chaos::host::configuration::{Error, Host};

impl Host for State {
    async fn get(&mut self, name: String) -> wasmtime::Result<Result<Option<String>, Error>> {
        self.meter.host_call(name.len())?;
        let permit = self.guest.pass.permit();
        let granted = permit.map(|permit| permit.configuration(&name));
        if let Some(Err(denial)) = granted {
            let text = denial.to_string();
            self.guest.pass.note_denial();
            self.meter.pass_bytes(text.len())?;
            return Ok(Err(Error::Denied(text)));
        }
        let value = self.guest.variables.configuration.get(&name);
        let text = value.map(ToString::to_string);
        self.meter
            .pass_bytes(text.as_ref().map_or(0, String::len))?;
        Ok(Ok(text))
    }
}
