//! Controls of plugins: which there are, whether a declaration fits them, and calling them.

use super::call::Called;
use super::engaged::{Engaged, Entrance, Plugins};
use super::signature::{Form, Function, Kind, NotFound, Type};
use super::value::{check_arguments, wit_name};
use crate::document::{Pointer, Problems};
use crate::experiment::{Control, Hook, Side, nearest};
use crate::provider::{Call, Failure};
use chaos_host_api::Effect;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::time::Duration;

/// How long a control may take, if neither its `timeout` nor the plugin's limits say. Short, since
/// the whole run waits for it.
const TIMEOUT: Duration = Duration::from_secs(30);

/// The parameters that the run itself gives: parts of the experiment and of the journal, as texts.
const CONTEXT: &str = "context";
const STATE: &str = "state";

/// How one call of a control ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "kebab-case")]
pub enum ControlEnd {
    /// Well.
    Succeeded,
    /// Before something, it returned an error of its own: the run is not to go on.
    Refused {
        /// Its text.
        message: String,
        /// A call of its own was denied, which may be why.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        denied: bool,
    },
    /// It crashed, met a limit, or returned an error after something. The run goes on.
    Failed {
        /// Why.
        message: String,
    },
    /// Its time was over. The run goes on.
    TimedOut {
        /// Why.
        message: String,
    },
    /// A right or the budget was missing. The run goes on.
    Denied {
        /// Which.
        message: String,
    },
    /// A signal cut it off.
    Cut,
}

impl ControlEnd {
    /// Why it did not succeed.
    pub fn message(&self) -> Option<&str> {
        match self {
            ControlEnd::Refused { message, .. }
            | ControlEnd::Failed { message }
            | ControlEnd::TimedOut { message }
            | ControlEnd::Denied { message } => Some(message),
            ControlEnd::Succeeded | ControlEnd::Cut => None,
        }
    }

    pub(crate) fn message_mut(&mut self) -> Option<&mut String> {
        match self {
            ControlEnd::Refused { message, .. }
            | ControlEnd::Failed { message }
            | ControlEnd::TimedOut { message }
            | ControlEnd::Denied { message } => Some(message),
            ControlEnd::Succeeded | ControlEnd::Cut => None,
        }
    }
}

impl Plugins {
    /// Whether a control's plugin exports the function of a hook.
    pub fn serves(&self, control: &Control, hook: Hook) -> bool {
        let engaged = self.0.get(&control.component.module);
        engaged.is_some_and(|engaged| engaged.hook(hook).is_ok_and(|found| found.is_some()))
    }

    /// How long a control may take, unless it says so itself: as long as its plugin may.
    pub fn time_for(&self, control: &Control) -> Duration {
        let engaged = self.0.get(&control.component.module);
        engaged
            .and_then(|engaged| engaged.limits.wall)
            .unwrap_or(TIMEOUT)
    }

    /// Calls a control in a fresh instance. It may only look.
    pub async fn accompany(
        &self,
        control: &Control,
        hook: Hook,
        context: &str,
        state: Option<&str>,
        call: &Call<'_>,
    ) -> ControlEnd {
        let engaged = self.0.get(&control.component.module);
        let Some((engaged, function)) =
            engaged.and_then(|engaged| Some((engaged, engaged.hook(hook).ok()??)))
        else {
            return ControlEnd::Succeeded;
        };
        let arguments = control.component.arguments(call.variables);
        let mut arguments = of_function(function, &arguments);
        for (name, text) in [(CONTEXT, Some(context)), (STATE, state)] {
            if let (Some(text), true) = (text, takes(function, name)) {
                arguments.insert(name.to_owned(), text.into());
            }
        }
        let entrance = Entrance {
            function: Some(function),
            name: &function.name,
            arguments: &arguments,
            limits: engaged.limits_for(&control.component),
            cluster: control.component.cluster(call.variables),
        };
        let entered = engaged.enter(entrance, Effect::Read, call).await;
        let denied = entered.denied;
        let Called {
            result, returned, ..
        } = entered.called;
        match result {
            Ok(_) => ControlEnd::Succeeded,
            Err(Failure::TimedOut(message)) => ControlEnd::TimedOut { message },
            Err(Failure::Failed(message)) if returned && hook.side == Side::Before => {
                ControlEnd::Refused { message, denied }
            }
            Err(Failure::Denied(message)) => ControlEnd::Denied { message },
            Err(Failure::Failed(message)) if denied => ControlEnd::Denied { message },
            Err(Failure::Failed(message) | Failure::Unexpected(message)) => {
                ControlEnd::Failed { message }
            }
        }
    }
}

impl Engaged {
    /// The function of a hook, if there is one.
    fn hook(&self, hook: Hook) -> Result<Option<&Function>, NotFound> {
        match self.plugin.signature.find(Kind::Control, &hook.to_string()) {
            Ok(function) => Ok(Some(function)),
            Err(NotFound::Unknown { .. } | NotFound::OtherKind { .. }) => Ok(None),
            Err(unclear) => Err(unclear),
        }
    }

    /// Holds a control that is declared with a provider at `at` against what the plugin exports.
    pub(super) fn check_control(&self, control: &Control, at: &Pointer, problems: &mut Problems) {
        let module = at.key("module");
        let signature = &self.plugin.signature;
        let mut refused = signature.refused.iter();
        let offered = signature.functions.iter();
        let offered: Vec<&Function> = offered
            .filter(|function| function.kind == Kind::Control)
            .collect();
        let none = offered.is_empty() && !refused.any(|refused| refused.kind == Kind::Control);
        if signature.form != Form::Typed || none {
            let message = format!("the plugin '{}' exports no controls", self.name);
            problems.error(&module, message).hint(
                "they are functions of an interface named `controls`: `chaos-wasm plugin inspect` \
                 shows what a file exports",
            );
            return;
        }
        self.warn_of_limits(&control.component, at, problems);
        self.warn_of_misspelt_hooks(&offered, &module, problems);
        let mut called = Vec::new();
        for hook in Hook::all() {
            match self.hook(hook) {
                Ok(function) => called.extend(function.map(|function| (hook, function))),
                Err(unclear) => {
                    problems.error(&module, unclear.to_string());
                }
            }
        }
        let at = at.key("arguments");
        for key in control.component.arguments.keys() {
            check_key(key, &called, &at, problems);
        }
        if let Some(scope) = control.scope {
            called.retain(|(hook, _)| hook.side == scope);
            if called.is_empty() {
                let (name, side) = (&control.name, scope.name());
                let message = format!(
                    "control '{name}' does nothing: its plugin exports nothing for '{side}'"
                );
                problems.warning(&control.pointer.key("scope"), message);
            }
        }
        for (hook, function) in called {
            let mut given = of_function(function, &control.component.arguments);
            for name in [CONTEXT, STATE] {
                let parameter = function.parameters.iter().find(|field| field.name == name);
                let Some(parameter) = parameter else { continue };
                given.insert(name.to_owned(), Value::from("${}"));
                if name == STATE && hook.side == Side::Before {
                    let message =
                        format!("'{hook}' of the plugin takes a `state`: there is none before");
                    problems.error(&module, message);
                } else if parameter.ty != Type::String {
                    let message =
                        format!("'{hook}' of the plugin must take `{name}` as a string of JSON");
                    problems.error(&module, message);
                }
            }
            check_arguments(function, &given, &at, problems);
        }
    }

    fn warn_of_misspelt_hooks(&self, offered: &[&Function], at: &Pointer, problems: &mut Problems) {
        let known: Vec<String> = Hook::all().map(|hook| hook.to_string()).collect();
        let unknown = |function: &&&Function| !known.contains(&function.name);
        for function in offered.iter().filter(unknown) {
            let (name, plugin) = (&function.name, &self.name);
            let message = format!(
                "'{name}' of the plugin '{plugin}' is never called: no control has that name"
            );
            let problem = problems.warning(at, message);
            if let Some(near) = nearest(name, known.iter().map(String::as_str)) {
                problem.hint(format!("its author may have meant '{near}'"));
            }
        }
    }
}

/// An argument must be some function's, and none that the run itself gives.
fn check_key(key: &str, called: &[(Hook, &Function)], at: &Pointer, problems: &mut Problems) {
    let name = wit_name(key);
    if name == CONTEXT || name == STATE {
        let message = format!("'{key}' is given by the run: it cannot be an argument");
        problems.error(&at.key(key), message);
        return;
    }
    if called.iter().any(|(_, function)| takes(function, &name)) {
        return;
    }
    let parameters = called
        .iter()
        .flat_map(|(_, function)| &function.parameters)
        .map(|field| field.name.as_str())
        .filter(|name| ![CONTEXT, STATE].contains(name));
    let near = nearest(&name, parameters);
    let message = format!("no control of the plugin takes an argument '{key}'");
    let problem = problems.error(&at.key(key), message);
    if let Some(near) = near {
        problem.hint(format!("did you mean '{near}'?"));
    }
}

fn takes(function: &Function, name: &str) -> bool {
    function.parameters.iter().any(|field| field.name == name)
}

/// Those of a control's arguments that one of its functions takes: each gets what it names.
fn of_function(function: &Function, arguments: &Map<String, Value>) -> Map<String, Value> {
    let arguments = arguments.iter();
    arguments
        .filter(|(key, _)| takes(function, &wit_name(key)))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect()
}
