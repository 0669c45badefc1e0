use std::fmt;
use std::path::Path;

/// `/usr/bin/kubectl`: a program that built-in activities may start, with any arguments. Its
/// absolute path, exactly: a bare name would mean whatever stands first on somebody's `PATH`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ProcessGrant {
    program: String,
}

impl ProcessGrant {
    pub(super) fn read(line: &str) -> Result<ProcessGrant, String> {
        if !line.starts_with('/') || line.ends_with('/') {
            return Err(
                "write the absolute path of a program, such as /usr/bin/kubectl".to_owned(),
            );
        }
        if line.contains('*') {
            return Err("programs are granted one by one, without stars".to_owned());
        }
        let odd = |part: &str| matches!(part, "" | "." | "..");
        if line.split('/').skip(1).any(odd) || line.contains(char::is_control) {
            return Err("write the path without //, . and .. in it".to_owned());
        }
        Ok(ProcessGrant {
            program: line.to_owned(),
        })
    }

    /// Whether `program` (as it will be started) is meant.
    pub fn matches(&self, program: &Path) -> bool {
        program.as_os_str() == self.program.as_str()
    }

    /// What it allows, in words.
    pub fn explain(&self) -> String {
        format!("start {} with any arguments", self.program)
    }
}

impl fmt::Display for ProcessGrant {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.program)
    }
}
