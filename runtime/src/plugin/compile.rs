//! Compiling: in a process of its own with little memory and time, since a component can be made
//! to cost far more than it weighs.

use super::engine::engine;
use super::native::Native;
use bytes::Bytes;
use chaos_host_api::worker::{Work, Worked, WorkerError};
use rustix::process::Signal;
use std::path::PathBuf;
use std::time::Duration;

/// Who compiles.
#[derive(Debug, Clone)]
pub enum Compiler {
    /// This process, without limits: for trusted components and tests.
    Here,
    /// A child process: `program compile-plugin --cpu-seconds N --memory-bytes N`, which puts
    /// itself under these limits first.
    Apart {
        /// This program's executable.
        program: PathBuf,
        /// How much it may use.
        limits: CompileLimits,
    },
}

/// How much compiling one component may use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompileLimits {
    /// CPU time of all the compiler's threads, in whole seconds. Default: 120 s; the largest
    /// components in use, Python's, need a third.
    pub cpu: Duration,
    /// Address space in bytes. Default: 4 GiB, likewise.
    pub memory_bytes: u64,
    /// From the compiler's start to its end. Default: 180 s.
    pub wall: Duration,
    /// Bytes of native code. Default: 512 MiB.
    pub code_bytes: usize,
}

impl Default for CompileLimits {
    fn default() -> Self {
        CompileLimits {
            cpu: Duration::from_secs(120),
            memory_bytes: 4 * 1024 * 1024 * 1024,
            wall: Duration::from_secs(180),
            code_bytes: 512 * 1024 * 1024,
        }
    }
}

/// Why there is no native code.
#[derive(Debug, thiserror::Error)]
pub enum CompileError {
    /// The compiler refused it.
    #[error("it cannot be compiled: {0}")]
    Refused(String),
    /// The compiler needed too much for it.
    #[error("it is too expensive to compile: the compiler {0}")]
    TooExpensive(String),
    /// The compiler itself failed.
    #[error("the compiler crashed ({0}); please report it")]
    Crashed(String),
    /// There was no compiler, or its pipes broke.
    #[error("the compiler could not do its work")]
    Worker(#[source] WorkerError),
}

/// Each thread of the compiler, and each of the allocator's arenas, reserves address space: on a
/// machine of many cores this would be the whole of what is allowed.
const ENVIRONMENT: [(&str, &str); 2] = [("RAYON_NUM_THREADS", "4"), ("MALLOC_ARENA_MAX", "4")];

/// What a process says that got no memory, or no thread for want of memory.
const WITHOUT_MEMORY: &[&str] = &[
    "memory allocation",
    "Cannot allocate memory",
    "out of memory",
    "Resource temporarily unavailable",
];

/// Exit status of a compiler that refuses a component, with the reason on standard error.
pub const REFUSED: u8 = 1;

impl Compiler {
    /// Compiles a component.
    ///
    /// # Errors
    /// See [`CompileError`].
    pub(super) async fn compile(&self, component: Vec<u8>) -> Result<Native, CompileError> {
        let bytes = match self {
            Compiler::Here => {
                let compiled = tokio::task::spawn_blocking(move || compile(&component)).await;
                let panicked = |_| CompileError::Crashed("it panicked".to_owned());
                compiled.map_err(panicked)?.map_err(CompileError::Refused)?
            }
            Compiler::Apart { program, limits } => {
                let cpu = limits.cpu.as_secs().max(1);
                let work = Work {
                    program: program.clone(),
                    arguments: vec![
                        "compile-plugin".into(),
                        format!("--cpu-seconds={cpu}").into(),
                        format!("--memory-bytes={}", limits.memory_bytes).into(),
                    ],
                    environment: ENVIRONMENT
                        .map(|(name, value)| (name.into(), value.into()))
                        .into(),
                    input: Bytes::from(component),
                    wall: limits.wall,
                    output_bytes: limits.code_bytes,
                };
                result(work.perform().await, limits)?
            }
        };
        Ok(Native::made_by_our_compiler(bytes))
    }
}

/// Compiles here and now: what the child process does.
///
/// # Errors
/// The compiler's reason.
pub fn compile(component: &[u8]) -> Result<Vec<u8>, String> {
    let compiled = engine()?.precompile_component(component);
    compiled.map_err(|error| format!("{error:#}"))
}

fn result(
    ended: Result<Worked, WorkerError>,
    limits: &CompileLimits,
) -> Result<Vec<u8>, CompileError> {
    let worked = match ended {
        Ok(worked) => worked,
        Err(error @ (WorkerError::TooSlow(_) | WorkerError::TooMuch(_))) => {
            return Err(CompileError::TooExpensive(error.to_string()));
        }
        Err(error) => return Err(CompileError::Worker(error)),
    };
    let said = String::from_utf8_lossy(&worked.stderr).trim().to_owned();
    let by = |signal: Signal| worked.status == -signal.as_raw();
    Err(match worked.status {
        0 => return Ok(worked.stdout),
        // The second is how the system ends a process that ignores the first.
        _ if by(Signal::XCPU) || by(Signal::KILL) => CompileError::TooExpensive(format!(
            "used more than {} s of CPU time",
            limits.cpu.as_secs_f64()
        )),
        _ if WITHOUT_MEMORY.iter().any(|word| said.contains(word)) => CompileError::TooExpensive(
            format!("needed more than {} bytes of memory", limits.memory_bytes),
        ),
        status if status == i32::from(REFUSED) => CompileError::Refused(said),
        status => CompileError::Crashed(format!("status {status}: {said}")),
    })
}
