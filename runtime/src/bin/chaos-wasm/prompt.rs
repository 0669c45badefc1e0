//! Questions on standard output, answers on standard input: a person's or a script's.

use std::io::{self, BufRead, Write};

/// The answers are over before the question was answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Over;

/// Asks and reads, line by line.
pub(crate) struct Prompt<I, O> {
    answers: I,
    questions: O,
}

impl<I: BufRead, O: Write> Prompt<I, O> {
    /// Both directions.
    pub(crate) fn new(answers: I, questions: O) -> Prompt<I, O> {
        Prompt { answers, questions }
    }

    /// Says something.
    pub(crate) fn say(&mut self, text: &str) {
        // Who closed the output can still answer.
        let _ = writeln!(self.questions, "{text}");
    }

    /// One line, trimmed.
    fn line(&mut self, question: &str) -> Result<String, Over> {
        let _ = write!(self.questions, "{question}: ");
        let _ = self.questions.flush();
        let mut line = Vec::new();
        match self.answers.read_until(b'\n', &mut line) {
            Ok(0) | Err(_) => {
                self.say("");
                Err(Over)
            }
            Ok(_) => Ok(String::from_utf8_lossy(&line).trim().to_owned()),
        }
    }

    /// An answer that `understand` makes something of; asked again until it does.
    ///
    /// # Errors
    /// The answers are over.
    pub(crate) fn ask<T>(
        &mut self,
        question: &str,
        understand: impl Fn(&str) -> Result<T, String>,
    ) -> Result<T, Over> {
        loop {
            match understand(&self.line(question)?) {
                Ok(answer) => return Ok(answer),
                Err(complaint) => self.say(&format!("Error: {complaint}")),
            }
        }
    }

    /// Text that is not empty.
    ///
    /// # Errors
    /// The answers are over.
    pub(crate) fn text(&mut self, question: &str) -> Result<String, Over> {
        self.ask(question, |answer| match answer {
            "" => Err("an answer is needed".to_owned()),
            answer => Ok(answer.to_owned()),
        })
    }

    /// Yes or no; no by default, and when the answers are over.
    pub(crate) fn confirm(&mut self, question: &str) -> bool {
        let question = format!("{question} [y/N]");
        let answer = self.ask(&question, |answer| match answer.to_lowercase().as_str() {
            "y" | "yes" | "true" | "t" | "1" | "on" => Ok(true),
            "" | "n" | "no" | "false" | "f" | "0" | "off" => Ok(false),
            _ => Err("y or n".to_owned()),
        });
        answer.unwrap_or(false)
    }
}

/// A terminal or a pipe.
pub(crate) fn standard() -> Prompt<io::StdinLock<'static>, io::Stdout> {
    Prompt::new(io::stdin().lock(), io::stdout())
}
