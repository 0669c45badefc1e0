//! `discover`.

use crate::catalogue::{Activity, PACKAGES, Package};
use crate::cli::Discover;
use crate::exit::{Exit, chain};
use crate::identity;
use crate::plugin;
use crate::session::Session;
use chaos_wasm::log::CRITICAL;
use chaos_wasm::notification::Event;
use chaos_wasm::plugin::signature::Form;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::path::Path;
use tracing::{debug, error, info, warn};

/// The outcome of a discovery, with the reference's fields.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Discovery {
    #[serde(default)]
    chaoslib_version: String,
    #[serde(default)]
    id: String,
    #[serde(default)]
    target: String,
    #[serde(default)]
    date: String,
    #[serde(default)]
    platform: Platform,
    #[serde(default)]
    extension: Extension,
    /// What experiments can do.
    pub(crate) activities: Vec<Activity>,
    #[serde(default)]
    system: Option<Value>,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Platform {
    system: String,
    node: String,
    release: String,
    version: String,
    machine: String,
    proc: String,
    python: String,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Extension {
    name: String,
    version: String,
}

pub(crate) fn perform(session: &Session, arguments: &Discover) -> Exit {
    session.wait(async {
        let notifier = session.notifier(&session.settings());
        let package = Value::from(arguments.package.as_str());
        notifier
            .notify(Event::DiscoveryStarted, package.clone(), None)
            .await;
        match discover(arguments) {
            Ok(discovery) => {
                let payload = serde_json::to_value(&discovery).unwrap_or_default();
                let exit = save(&discovery, arguments);
                notifier
                    .notify(Event::DiscoveryCompleted, payload, None)
                    .await;
                exit
            }
            Err(reason) => {
                error!(target: CRITICAL, "{reason}");
                let error = format!("An exception was raised: DiscoveryFailed('{reason}')");
                notifier
                    .notify(Event::DiscoveryFailed, package, Some(error))
                    .await;
                Exit::undiscovered(session.compat)
            }
        }
    })
}

fn discover(arguments: &Discover) -> Result<Discovery, String> {
    if arguments.package.ends_with(".wasm") {
        return of_plugin(&arguments.package);
    }
    let package = Package::find(&arguments.package).ok_or_else(|| {
        let known: Vec<&str> = PACKAGES.iter().map(|package| package.name).collect();
        format!(
            "Package {} not found. Activities of these run natively: {}; of a plugin, give its file",
            arguments.package,
            known.join(", ")
        )
    })?;
    info!("Discovering capabilities from {}", package.extension);
    if !arguments.no_install {
        debug!("Nothing is installed: '{}' is built in", package.name);
    }
    if !arguments.no_system_info {
        debug!("'{}' has no system information to discover", package.name);
    }
    Ok(Discovery::of(
        package.target,
        Extension {
            name: package.extension.to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
        },
        package.activities(),
    ))
}

/// What a plugin's file offers; nothing of it is executed.
fn of_plugin(file: &str) -> Result<Discovery, String> {
    info!("Discovering capabilities from {file}");
    let path = Path::new(file);
    let bytes = plugin::read(path)?;
    let signature = chaos_wasm::plugin::inspect(&bytes)
        .map_err(|problem| format!("'{file}' is not a plugin: {}", chain(&problem)))?;
    if signature.form != Form::Typed {
        warn!("'{file}' does not describe its functions: there is nothing to list");
    }
    let name = path.file_stem().unwrap_or_default().to_string_lossy();
    let interface = signature.functions.first().map(|f| f.interface.as_str());
    let version = interface.and_then(|name| name.rsplit_once('@'));
    let extension = Extension {
        name: name.clone().into_owned(),
        version: version.map_or("", |(_, version)| version).to_owned(),
    };
    let activities = Activity::of_plugin(&signature, file);
    Ok(Discovery::of(&name, extension, activities))
}

fn save(discovery: &Discovery, arguments: &Discover) -> Exit {
    let path = arguments.discovery_path.display();
    let written = serde_json::to_string_pretty(discovery)
        .map_err(std::io::Error::from)
        .and_then(|text| std::fs::write(&arguments.discovery_path, text));
    match written {
        Ok(()) => {
            info!("Discovery outcome saved in {path}");
            Exit::OK
        }
        Err(problem) => {
            error!("Cannot write the discovery to '{path}': {problem}");
            Exit::failed()
        }
    }
}

impl Discovery {
    fn of(target: &str, extension: Extension, activities: Vec<Activity>) -> Discovery {
        let system = rustix::system::uname();
        let text = |part: &std::ffi::CStr| part.to_string_lossy().into_owned();
        Discovery {
            chaoslib_version: chaos_wasm::journal::FORMAT_OF.to_owned(),
            id: identity::uuid4(),
            target: target.to_owned(),
            date: Timestamp::now()
                .strftime("%Y-%m-%dT%H:%M:%S.%6f+00:00")
                .to_string(),
            platform: Platform {
                system: text(system.sysname()),
                node: text(system.nodename()),
                release: text(system.release()),
                version: text(system.version()),
                machine: text(system.machine()),
                // There is neither here: the processor's name is as empty in the reference on
                // Linux, and no Python takes part.
                proc: String::new(),
                python: String::new(),
            },
            extension,
            activities,
            system: None,
        }
    }
}
