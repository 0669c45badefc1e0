//! `discover`.

use crate::catalogue::{Activity, PACKAGES, Package};
use crate::cli::Discover;
use crate::exit::Exit;
use crate::identity;
use crate::session::Session;
use chaos_wasm::log::CRITICAL;
use chaos_wasm::notification::Event;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tracing::{debug, error, info};

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
    let package = Package::find(&arguments.package).ok_or_else(|| {
        let known: Vec<&str> = PACKAGES.iter().map(|package| package.name).collect();
        format!(
            "Package {} not found. Activities of these run natively: {}",
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
    Ok(Discovery::of(package))
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
    fn of(package: &Package) -> Discovery {
        let system = rustix::system::uname();
        let text = |part: &std::ffi::CStr| part.to_string_lossy().into_owned();
        Discovery {
            chaoslib_version: chaos_wasm::journal::FORMAT_OF.to_owned(),
            id: identity::uuid4(),
            target: package.target.to_owned(),
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
            extension: Extension {
                name: package.extension.to_owned(),
                version: env!("CARGO_PKG_VERSION").to_owned(),
            },
            activities: package.activities(),
            system: None,
        }
    }
}
