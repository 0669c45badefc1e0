//! Files that can be imported: those that were given, by relative paths, and no others.

use crate::bindings::{Cause, Failure, ModuleFile, Position};
use chaos_script_typescript::strip;
use rquickjs::loader::{ImportAttributes, Loader, Resolver};
use rquickjs::module::Declared;
use rquickjs::{Ctx, Exception, Module};
use std::cell::RefCell;
use std::rc::Rc;

/// A module that fails as soon as it runs, with [`HALT_MARK`]. What imports it first is linked, and
/// never runs.
pub(crate) const HALT: &str = "chaos:halt";

/// The module that imports [`HALT`] and then a script's.
pub(crate) const LINKER: &str = "chaos:link";

/// What [`HALT`] throws.
pub(crate) const HALT_MARK: i32 = 77;

/// What was given, and what was missing.
#[derive(Default)]
pub(crate) struct Files {
    given: RefCell<Vec<ModuleFile>>,
    missing: RefCell<Option<Missing>>,
}

/// An import that found nothing.
#[derive(Clone)]
pub(crate) struct Missing {
    /// The file that would be it; none when it can be none.
    pub(crate) name: Option<String>,
    /// As it was imported.
    pub(crate) specifier: String,
    /// By which file.
    pub(crate) base: String,
    /// What the exception says.
    pub(crate) message: String,
}

impl Files {
    /// Sets what can be imported. TypeScript (`.ts`, `.mts`) becomes JavaScript of the same lines
    /// and columns.
    pub(crate) fn give(&self, mut files: Vec<ModuleFile>) -> Result<(), Failure> {
        for file in &mut files {
            if file.name.ends_with(".ts") || file.name.ends_with(".mts") {
                file.source = strip(&file.source).map_err(|refused| Failure {
                    cause: Cause::Syntax,
                    position: Some(Position {
                        file: file.name.clone(),
                        line: refused.line as u32,
                        column: refused.column as u32,
                    }),
                    message: refused.message,
                    stack: Vec::new(),
                })?;
            }
        }
        self.given.replace(files);
        Ok(())
    }

    /// The text of a file.
    pub(crate) fn source(&self, name: &str) -> Option<String> {
        let given = self.given.borrow();
        let file = given.iter().find(|file| file.name == name)?;
        Some(file.source.clone())
    }

    /// The last import that found nothing.
    pub(crate) fn missing(&self) -> Option<Missing> {
        self.missing.borrow().clone()
    }

    fn is_given(&self, name: &str) -> bool {
        self.given.borrow().iter().any(|file| file.name == name)
    }
}

/// Finds files for QuickJS.
#[derive(Clone)]
pub(crate) struct Importer(pub(crate) Rc<Files>);

impl Resolver for Importer {
    fn resolve<'js>(
        &mut self,
        ctx: &Ctx<'js>,
        base: &str,
        specifier: &str,
        _: Option<ImportAttributes<'js>>,
    ) -> rquickjs::Result<String> {
        // Only this crate's own module imports by full names.
        if specifier == HALT || (base == LINKER && self.0.is_given(specifier)) {
            return Ok(specifier.to_owned());
        }
        let (name, why) = match resolve(base, specifier) {
            Ok(name) if self.0.is_given(&name) => return Ok(name),
            Ok(name) => {
                let why = format!("there is no file {name}");
                (Some(name), why)
            }
            Err(why) => (None, why.to_owned()),
        };
        let message = format!("cannot import '{specifier}' into {base}: {why}");
        self.0.missing.replace(Some(Missing {
            name,
            specifier: specifier.to_owned(),
            base: base.to_owned(),
            message: message.clone(),
        }));
        Err(Exception::throw_message(ctx, &message))
    }
}

impl Loader for Importer {
    fn load<'js>(
        &mut self,
        ctx: &Ctx<'js>,
        name: &str,
        _: Option<ImportAttributes<'js>>,
    ) -> rquickjs::Result<Module<'js, Declared>> {
        let source = match name == HALT {
            true => Some(format!("throw {HALT_MARK}")),
            false => self.0.source(name),
        };
        let source = source.unwrap_or_default();
        Module::declare(ctx.clone(), name, source)
    }
}

/// Where a relative path leads.
fn resolve(base: &str, specifier: &str) -> Result<String, &'static str> {
    if !specifier.starts_with("./") && !specifier.starts_with("../") {
        return Err("only local files can be imported, by a path that begins with ./ or ../");
    }
    let mut parts: Vec<&str> = base.split('/').collect();
    parts.pop();
    for part in specifier.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                let inside = parts.pop();
                inside.ok_or("it is outside the experiment's folder")?;
            }
            part => parts.push(part),
        }
    }
    Ok(parts.join("/"))
}
