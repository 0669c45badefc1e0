//! Controls that write down what they are told, and stop a run if it is called `forbidden`.

/// Accompany a run.
#[chaos_plugin::controls]
pub mod controls {
    use chaos_plugin::log;

    /// Refuses an experiment in which a word occurs.
    pub fn before_experiment(
        context: &str,
        /// `forbidden`, unless given.
        word: Option<String>,
    ) -> Result<(), String> {
        log::info(format!("before experiment: {context}"));
        let word = word.unwrap_or_else(|| "forbidden".to_owned());
        if context.contains(&word) {
            return Err(format!("this experiment is {word}"));
        }
        Ok(())
    }

    pub fn after_experiment(context: &str, state: String) {
        log::info(format!("after experiment: {context} {state}"));
    }

    pub fn before_activity(context: String) {
        log::info(format!("before activity: {context}"));
    }

    pub fn after_activity(context: &str, state: &str) -> std::io::Result<()> {
        log::info(format!("after activity: {context} {state}"));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::controls;

    #[test]
    fn a_forbidden_experiment_is_refused() {
        let host = chaos_plugin::mock::Host::new();
        assert_eq!(
            controls::before_experiment(r#"{"title": "fine"}"#, None),
            Ok(())
        );
        assert!(controls::before_experiment(r#"{"title": "forbidden"}"#, None).is_err());
        let word = Some("fine".to_owned());
        assert!(controls::before_experiment(r#"{"title": "fine"}"#, word).is_err());
        assert_eq!(host.log().len(), 3);
    }
}
