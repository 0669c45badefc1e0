//! `init`: questions in, an experiment out that validates.
//!
//! The questions and their order are the reference's, so that scripts which answer it still do.

use crate::catalogue::{Activity, Package, Parameter};
use crate::cli::Init;
use crate::discover::Discovery;
use crate::exit::Exit;
use crate::prompt::{self, Over, Prompt};
use crate::session::Session;
use crate::yaml;
use chaos_wasm::document::{Document, Format};
use chaos_wasm::experiment::Experiment;
use chaos_wasm::notification::Event;
use serde_json::{Map, Value, json};
use std::io::{self, BufRead, IsTerminal as _, Write};
use std::path::Path;
use tracing::error;

/// Title of an experiment or a hypothesis for which no answer was left.
const UNTITLED: &str = "Untitled";

pub(crate) fn perform(session: &Session, arguments: &Init) -> Exit {
    session.wait(async {
        let notifier = session.notifier(&session.settings());
        notifier.notify(Event::InitStarted, Value::Null, None).await;
        match create(session, arguments) {
            Ok(Some(experiment)) => {
                notifier
                    .notify(Event::InitCompleted, experiment, None)
                    .await;
                Exit::OK
            }
            Ok(None) => Exit::OK,
            Err(exit) => exit,
        }
    })
}

/// Asks, and writes the experiment; `None` when an existing one is to stay.
fn create(session: &Session, arguments: &Init) -> Result<Option<Value>, Exit> {
    let mut prompt = prompt::standard();
    prompt.say(WELCOME);
    let activities = match discovered(&arguments.discovery_path) {
        Ok(Some(activities)) => activities,
        Ok(None) => {
            prompt.say("No discovery was found: http and process activities are offered");
            let built_in = ["http", "process"].into_iter().filter_map(Package::find);
            built_in.flat_map(Package::activities).collect()
        }
        Err(problem) => {
            error!("{problem}");
            return Err(Exit::invalid(session.compat));
        }
    };
    let path = &arguments.experiment_path;
    if path.exists()
        && io::stdin().is_terminal()
        && !prompt.confirm(&format!("Replace '{}'?", path.display()))
    {
        return Ok(None);
    }
    let wizard = Wizard {
        prompt: &mut prompt,
        activities,
    };
    let experiment = wizard.experiment();
    std::fs::write(path, written(&experiment, path)).map_err(|problem| {
        error!("Cannot write '{}': {problem}", path.display());
        Exit::failed()
    })?;
    prompt.say(&format!(
        "\nExperiment created and saved in '{}'",
        path.display()
    ));
    Ok(Some(experiment))
}

/// The activities of a discovery's outcome; `None` without one.
fn discovered(path: &Path) -> Result<Option<Vec<Activity>>, String> {
    let shown = path.display();
    let text = match std::fs::read(path) {
        Ok(text) => text,
        Err(problem) if problem.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(problem) => return Err(format!("Cannot read '{shown}': {problem}")),
    };
    let discovery: Discovery = serde_json::from_slice(&text)
        .map_err(|problem| format!("'{shown}' is not the outcome of `discover`: {problem}"))?;
    Ok(Some(discovery.activities))
}

fn written(experiment: &Value, path: &Path) -> String {
    match Format::of_path(path) {
        Some(Format::Yaml) => yaml::render(experiment),
        Some(Format::Json) | None => format!("{experiment:#}\n"),
    }
}

/// Where an activity is to go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Hypothesis,
    Method,
    Rollbacks,
}

struct Wizard<'p, I, O> {
    prompt: &'p mut Prompt<I, O>,
    activities: Vec<Activity>,
}

impl<I: BufRead, O: Write> Wizard<'_, I, O> {
    fn experiment(mut self) -> Value {
        let title = self.title("Experiment's title");
        let mut experiment = json!({"title": title, "description": "N/A", "tags": []});
        self.prompt.say(HYPOTHESIS);
        if self
            .prompt
            .confirm("Do you want to define a steady state hypothesis now?")
        {
            let title = self.title("Hypothesis's title");
            self.prompt.say(PROBES);
            let probes = self.pool(Place::Hypothesis);
            experiment["steady-state-hypothesis"] = json!({"title": title, "probes": probes});
        }
        self.prompt.say(METHOD);
        experiment["method"] = json!([]);
        if self
            .prompt
            .confirm("Do you want to define an experimental method?")
        {
            experiment["method"] = Value::from(self.pool(Place::Method));
        }
        self.prompt.say(ROLLBACKS);
        if self
            .prompt
            .confirm("Do you want to add some rollbacks now?")
        {
            experiment["rollbacks"] = Value::from(self.pool(Place::Rollbacks));
        }
        experiment
    }

    fn title(&mut self, question: &str) -> String {
        self.prompt
            .text(question)
            .unwrap_or_else(|Over| UNTITLED.to_owned())
    }

    /// Activities until enough are chosen.
    fn pool(&mut self, place: Place) -> Vec<Value> {
        let mut pool = Vec::new();
        loop {
            match self.activity(place, &pool) {
                Ok(Some(activity)) => pool.push(activity),
                Ok(None) => {}
                Err(Over) => return pool,
            }
            if !self
                .prompt
                .confirm("Do you want to select another activity?")
            {
                return pool;
            }
        }
    }

    /// One activity that is valid; `None` when the user thought better of it.
    fn activity(&mut self, place: Place, pool: &[Value]) -> Result<Option<Value>, Over> {
        let Some(chosen) = self.choose(place)? else {
            return Ok(None);
        };
        if let Some(doc) = &chosen.doc {
            self.prompt.say(&format!("\n{doc}"));
        }
        let question = format!("Do you want to use this {}?", chosen.r#type);
        if !self.prompt.confirm(&question) {
            return Ok(None);
        }
        let mut activity = Map::new();
        activity.insert("type".to_owned(), chosen.r#type.as_str().into());
        activity.insert("name".to_owned(), unused(&chosen.name, pool).into());
        if place == Place::Hypothesis {
            self.prompt.say(TOLERANCE);
            let tolerance = self.prompt.ask("Tolerance", |answer| match answer {
                "" => Err("an answer is needed".to_owned()),
                // What is no JSON is text, so that nobody needs quotes.
                answer => Ok(serde_json::from_str(answer).unwrap_or_else(|_| answer.into())),
            })?;
            activity.insert("tolerance".to_owned(), tolerance);
        }
        let arguments = self.arguments(&chosen)?;
        activity.insert("provider".to_owned(), provider(&chosen, arguments));
        let activity = Value::Object(activity);
        match complaint(place, &activity) {
            None => Ok(Some(activity)),
            Some(complaint) => {
                self.prompt
                    .say(&format!("This activity is left out:\n{complaint}"));
                Ok(None)
            }
        }
    }

    /// `None`: none of them.
    fn choose(&mut self, place: Place) -> Result<Option<Activity>, Over> {
        let wanted = |activity: &&Activity| match place {
            Place::Hypothesis => activity.r#type == "probe",
            Place::Rollbacks => activity.r#type == "action",
            Place::Method => true,
        };
        let offered: Vec<Activity> = self.activities.iter().filter(wanted).cloned().collect();
        self.prompt.say("Add an activity");
        for (index, activity) in offered.iter().enumerate() {
            let Activity {
                name,
                r#mod: module,
                r#type: kind,
                ..
            } = activity;
            self.prompt
                .say(&format!("{}) {name} ({kind}, {module})", index + 1));
        }
        self.prompt.ask("Activity (0 to escape)", |answer| {
            let number: usize = answer
                .parse()
                .map_err(|_| "a number is needed".to_owned())?;
            let Some(index) = number.checked_sub(1) else {
                return Ok(None);
            };
            match offered.get(index) {
                Some(activity) => Ok(Some(activity.clone())),
                None => Err("Please pick up a valid activity".to_owned()),
            }
        })
    }

    /// The arguments that differ from their defaults.
    fn arguments(&mut self, activity: &Activity) -> Result<Map<String, Value>, Over> {
        let given_by_engine = ["secrets", "configuration"];
        let asked = activity
            .arguments
            .iter()
            .filter(|argument| !given_by_engine.contains(&argument.name.as_str()));
        let mut arguments = Map::new();
        self.prompt.say(ARGUMENTS);
        for parameter in asked {
            let shown = match &parameter.default {
                None => String::new(),
                Some(Value::Null) => " []".to_owned(),
                Some(Value::String(text)) => format!(" [{text}]"),
                Some(default) => format!(" [{default}]"),
            };
            let question = format!("Argument's value for '{}'{shown}", parameter.name);
            let answer = self
                .prompt
                .ask(&question, |answer| value(parameter, answer))?;
            if let Some(answer) = answer.filter(|answer| parameter.default.as_ref() != Some(answer))
            {
                arguments.insert(parameter.name.clone(), answer);
            }
        }
        Ok(arguments)
    }
}

/// What is typed for an argument; `None`: its default.
fn value(parameter: &Parameter, answer: &str) -> Result<Option<Value>, String> {
    if answer.is_empty() {
        return match parameter.default {
            Some(_) => Ok(None),
            None => Err("this argument has no default".to_owned()),
        };
    }
    // A reference to configuration or secrets stands for a value of any type.
    if answer.starts_with("${") && answer.ends_with('}') {
        return Ok(Some(answer.into()));
    }
    let json = || serde_json::from_str::<Value>(answer).ok();
    let typed = match parameter.r#type.as_deref() {
        Some("integer") => json().filter(Value::is_i64),
        Some("number") => json().filter(Value::is_number),
        Some("boolean") => json().filter(Value::is_boolean),
        Some("list" | "tuple" | "set") => json().filter(Value::is_array),
        Some("mapping") => json().filter(Value::is_object),
        Some("string" | "byte") => Some(answer.into()),
        _ => Some(json().unwrap_or_else(|| answer.into())),
    };
    match typed {
        Some(value) => Ok(Some(value)),
        None => Err(format!(
            "expected a JSON value of type {}",
            parameter.r#type.as_deref().unwrap_or_default()
        )),
    }
}

fn provider(activity: &Activity, arguments: Map<String, Value>) -> Value {
    let module = activity.r#mod.as_str();
    match module {
        "http" | "process" => {
            let mut provider = Map::new();
            provider.insert("type".to_owned(), module.into());
            provider.extend(arguments);
            Value::Object(provider)
        }
        file if file.ends_with(".wasm") => json!({
            "type": "wasm", "module": file, "func": activity.name, "arguments": arguments,
        }),
        _ => json!({
            "type": "python", "module": module, "func": activity.name, "arguments": arguments,
        }),
    }
}

/// `name`, numbered if an activity has it already.
fn unused(name: &str, pool: &[Value]) -> String {
    let taken = |name: &str| pool.iter().any(|activity| activity["name"] == name);
    let numbered = (2..).map(|number| format!("{name}-{number}"));
    let mut names = std::iter::once(name.to_owned()).chain(numbered);
    names.find(|name| !taken(name)).unwrap_or_default()
}

/// What an experiment with this activity would be refused for.
fn complaint(place: Place, activity: &Value) -> Option<String> {
    let mut experiment = json!({"title": "t", "description": "d", "method": []});
    match place {
        Place::Hypothesis => {
            experiment["steady-state-hypothesis"] = json!({"title": "t", "probes": [activity]});
        }
        Place::Method => experiment["method"] = json!([activity]),
        Place::Rollbacks => experiment["rollbacks"] = json!([activity]),
    }
    let text = experiment.to_string();
    let document = match Document::parse("", text.as_bytes(), Format::Json) {
        Ok(document) => document,
        Err(problem) => return Some(problem.to_string()),
    };
    let problems = Experiment::read(&document).err()?;
    let said = problems.errors().map(|problem| match &problem.hint {
        Some(hint) => format!("- {} ({hint})", problem.message),
        None => format!("- {}", problem.message),
    });
    let said: Vec<String> = said.collect();
    (!said.is_empty()).then(|| said.join("\n"))
}

const WELCOME: &str = "\
You are about to create an experiment. It has up to three parts:
- a steady-state hypothesis: how to tell that the system is well (optional)
- a method: what to do to the system, and what to look at meanwhile
- rollbacks: what to put back afterwards (optional)
";

const HYPOTHESIS: &str = "
A steady-state hypothesis is a set of probes, each with a tolerance. They are checked
before the method, to know that the system is well, and after it, to learn what changed.";

const PROBES: &str = "
Choose the probes that tell whether your system is well.";

const TOLERANCE: &str = "
A probe's tolerance says which of its values are fine: a number, true, a text, a JSON list,
or an object such as {\"type\": \"range\", \"range\": [1, 5]}.";

const ARGUMENTS: &str = "
Now its arguments. Defaults are shown between brackets: press return to keep one.";

const METHOD: &str = "
A method is a list of actions, which change something, and probes, which look.";

const ROLLBACKS: &str = "
Rollbacks are actions that put things back after the method.";

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failing test may panic")]
mod tests {
    use super::*;

    fn wizard(answers: &str) -> Value {
        let mut said = Vec::new();
        let experiment = Wizard {
            prompt: &mut Prompt::new(answers.as_bytes(), &mut said),
            activities: Package::find("http").unwrap().activities(),
        }
        .experiment();
        let text = experiment.to_string();
        let document = Document::parse("x", text.as_bytes(), Format::Json).unwrap();
        let read = Experiment::read(&document);
        assert!(read.is_ok(), "{experiment:#} {read:?}");
        experiment
    }

    #[test]
    fn without_answers_the_experiment_is_empty_and_valid() {
        let experiment = wizard("");
        assert_eq!(experiment["title"], "Untitled");
        assert_eq!(experiment["method"], json!([]));
    }

    #[test]
    fn tolerances_and_arguments_keep_their_types() {
        let experiment = wizard(
            "T\ny\nH\n9\n1\ny\n200\n\nhttp://localhost\nGET\n\n\n2.5\nmaybe\nfalse\n\nn\nn\nn\n",
        );
        assert_eq!(
            experiment["steady-state-hypothesis"]["probes"],
            json!([{
                "type": "probe",
                "name": "request",
                "tolerance": 200,
                "provider": {
                    "type": "http", "url": "http://localhost", "timeout": 2.5, "verify_tls": false,
                },
            }])
        );
    }

    #[test]
    fn answers_that_end_early_leave_the_activity_out() {
        let experiment = wizard("T\nn\ny\n1\ny\n");
        assert_eq!(experiment["method"], json!([]));
    }

    #[test]
    fn a_second_activity_gets_a_name_of_its_own() {
        let one = "1\ny\nhttp://localhost\n\n\n\n\n\n\n";
        let experiment = wizard(&format!("T\nn\ny\n{one}y\n{one}n\nn\n"));
        assert_eq!(experiment["method"][1]["name"], "request-2");
    }
}
