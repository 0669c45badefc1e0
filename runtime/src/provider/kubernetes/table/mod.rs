//! Every function that is served, and the names of those that are not yet.

mod names;
mod served;

use crate::provider::signature::{Function, nearest};
use names::{IMPORTED, NOT_SERVED};
use served::SERVED;

/// What a function comes down to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operation {
    TerminatePods,
    DeletePods,
    CountPods,
    CountMinPods,
    PodsInPhase,
    PodsNotInPhase,
    PodsInConditions,
    PodIsNotAvailable,
    AllPodsHealthy,
    ReadPodLogs,
    ShouldBeFoundInLogs,
    ScaleDeployment,
    RolloutDeployment,
    DeploymentHealthy,
    DeploymentPartiallyAvailable,
    DeploymentFullyAvailable,
    DeploymentNotFullyAvailable,
    CordonNode,
    UncordonNode,
    DrainNodes,
    ServiceIsInitialized,
}

/// A function that is served.
#[derive(Debug)]
pub(super) struct Served {
    pub(super) function: Function,
    pub(super) operation: Operation,
    /// What to use instead, of a deprecated one.
    pub(super) deprecated: Option<&'static str>,
}

/// What a name stands for.
pub(super) enum Found {
    /// A function that is served.
    Served(&'static Served),
    /// One of this module that is not.
    Known(&'static str),
    /// There is no such module.
    NoModule { near: Option<&'static str> },
    /// The module (or, without one, Kubernetes altogether) has no such function.
    NoFunction { near: Option<String> },
}

/// Every function that is served, each under the module that defines it.
pub fn functions() -> impl Iterator<Item = &'static Function> {
    SERVED.iter().map(|served| &served.function)
}

/// Finds a function by its module, with or without `chaosk8s.` in front, or by its name alone: then
/// the module that defines it counts, those of old only for what nobody else has.
pub(super) fn find(module: Option<&str>, name: &str) -> Found {
    let Some(module) = module else {
        return find_anywhere(name);
    };
    let full = match super::owns(module) {
        true => module.to_owned(),
        false => format!("chaosk8s.{module}"),
    };
    let Some(module) = modules().find(|known| *known == full) else {
        return Found::NoModule {
            near: nearest(&full, modules()),
        };
    };
    let imported = IMPORTED
        .iter()
        .find(|(by, names, _)| *by == module && names.contains(&name));
    let module = imported.map_or(module, |(_, _, from)| from);
    if let Some(served) = served(module, name) {
        return Found::Served(served);
    }
    if is_known(module, name) {
        return Found::Known(module);
    }
    // A function that another module has is what was meant, more likely than a similar name.
    let elsewhere = match find_anywhere(name) {
        Found::Served(served) => Some((served.function.module, name)),
        Found::Known(module) => Some((module, name)),
        Found::NoModule { .. } | Found::NoFunction { .. } => None,
    };
    let near = elsewhere
        .map(|(module, name)| format!("{module}.{name}"))
        .or_else(|| nearest(name, names_of(module)).map(str::to_owned))
        .or_else(|| nearest_anywhere(name));
    Found::NoFunction { near }
}

fn find_anywhere(name: &str) -> Found {
    let by_name = |served: &&Served| served.function.name == name;
    if let Some(served) = SERVED.iter().find(by_name) {
        return Found::Served(served);
    }
    match NOT_SERVED.iter().find(|(_, names)| names.contains(&name)) {
        Some((module, _)) => Found::Known(module),
        None => Found::NoFunction {
            near: nearest_anywhere(name),
        },
    }
}

fn nearest_anywhere(name: &str) -> Option<String> {
    let all = functions().map(|function| function.name);
    let near = nearest(
        name,
        all.chain(
            NOT_SERVED
                .iter()
                .flat_map(|(_, names)| names.iter().copied()),
        ),
    )?;
    match find_anywhere(near) {
        Found::Served(served) => Some(format!("{}.{near}", served.function.module)),
        Found::Known(module) => Some(format!("{module}.{near}")),
        Found::NoModule { .. } | Found::NoFunction { .. } => None,
    }
}

fn served(module: &str, name: &str) -> Option<&'static Served> {
    SERVED
        .iter()
        .find(|served| served.function.module == module && served.function.name == name)
}

fn is_known(module: &str, name: &str) -> bool {
    NOT_SERVED
        .iter()
        .any(|(known, names)| *known == module && names.contains(&name))
}

fn modules() -> impl Iterator<Item = &'static str> {
    functions()
        .map(|function| function.module)
        .chain(NOT_SERVED.iter().map(|(module, _)| *module))
}

fn names_of(module: &str) -> impl Iterator<Item = &'static str> {
    let served = functions().filter(move |function| function.module == module);
    let known = NOT_SERVED.iter().filter(move |(known, _)| *known == module);
    served
        .map(|function| function.name)
        .chain(known.flat_map(|(_, names)| names.iter().copied()))
}
