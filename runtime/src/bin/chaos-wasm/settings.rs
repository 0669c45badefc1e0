//! `settings`.

use crate::cli::{Settings as Arguments, SettingsAction, StructuredFormat, ValueFormat};
use crate::exit::{Exit, chain};
use crate::session::{Session, report};
use crate::{stdout, yaml};
use chaos_wasm::settings::{Key, Settings};
use serde_json::Value;
use std::io::{self, Write as _};
use std::path::Path;
use tracing::error;

pub(crate) fn perform(session: &Session, arguments: &Arguments) -> Exit {
    let Some(path) = session.settings_path.as_deref() else {
        error!("There is no home directory; name the settings file with --settings");
        return Exit::ABSENT;
    };
    let settings = match Settings::load(path) {
        Ok(Some(settings)) => settings,
        Ok(None) => {
            error!("No settings file found at {}", path.display());
            return Exit::ABSENT;
        }
        Err(problem) => {
            report(&problem);
            return Exit::invalid(session.compat);
        }
    };
    match &arguments.action {
        SettingsAction::Show { format } => {
            let content = Value::Object(settings.as_map().clone());
            stdout::print(&match format {
                StructuredFormat::Json => json(&content),
                StructuredFormat::Yaml => yaml::render(&content),
            })
        }
        SettingsAction::Get { key, format } => {
            with_key(session, key, |key| get(&settings, key, *format))
        }
        SettingsAction::Set { key, value } => {
            with_key(session, key, |key| set(session, path, settings, key, value))
        }
        SettingsAction::Remove { key } => with_key(session, key, |key| remove(path, settings, key)),
    }
}

fn with_key(session: &Session, text: &str, then: impl FnOnce(&Key) -> Exit) -> Exit {
    match text.parse() {
        Ok(key) => then(&key),
        Err(problem) => {
            error!("{problem}");
            Exit::invalid(session.compat)
        }
    }
}

fn get(settings: &Settings, key: &Key, format: ValueFormat) -> Exit {
    match settings.get(key) {
        None => absent(key),
        Some(value) => stdout::print(&match (format, value) {
            (ValueFormat::String, Value::String(text)) => format!("{text}\n"),
            (ValueFormat::String | ValueFormat::Json, value) => json(value),
            (ValueFormat::Yaml, value) => yaml::render(value),
        }),
    }
}

fn set(session: &Session, path: &Path, mut settings: Settings, key: &Key, value: &str) -> Exit {
    let value = match serde_json::from_str(value) {
        Ok(value) => value,
        Err(problem) => {
            error!("The value is not JSON ({problem}); text needs its quotes: '\"text\"'");
            return Exit::invalid(session.compat);
        }
    };
    if settings.set(key, value) {
        save(path, &settings)
    } else {
        absent(key)
    }
}

fn remove(path: &Path, mut settings: Settings, key: &Key) -> Exit {
    if settings.remove(key) {
        save(path, &settings)
    } else {
        absent(key)
    }
}

fn absent(key: &Key) -> Exit {
    error!("There is no setting '{key}'");
    Exit::ABSENT
}

fn json(value: &Value) -> String {
    format!("{value:#}\n")
}

fn save(path: &Path, settings: &Settings) -> Exit {
    match replace(
        path,
        &yaml::render(&Value::Object(settings.as_map().clone())),
    ) {
        Ok(()) => Exit::OK,
        Err(problem) => {
            error!(
                "Cannot write the settings file '{}': {}",
                path.display(),
                chain(&problem)
            );
            Exit::failed()
        }
    }
}

/// Replaces the file all at once, so that neither a crash nor a full disk loses what was there.
/// A symbolic link stays one; permissions stay.
fn replace(path: &Path, text: &str) -> io::Result<()> {
    let path = std::fs::canonicalize(path)?;
    let permissions = std::fs::metadata(&path)?.permissions();
    let directory = path.parent().unwrap_or(Path::new("/"));
    let mut file = tempfile::NamedTempFile::new_in(directory)?;
    file.write_all(text.as_bytes())?;
    file.as_file().set_permissions(permissions)?;
    file.as_file().sync_all()?;
    file.persist(&path)?;
    Ok(())
}
