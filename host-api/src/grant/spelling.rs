//! Hints for words that nobody knows.

/// What to say about `word` where one of `known` was expected: the one that was probably meant,
/// else all of them.
pub(crate) fn hint(word: &str, known: &[&str]) -> String {
    let lower = word.to_lowercase();
    let near = known
        .iter()
        .map(|known| {
            let distance = strsim::damerau_levenshtein(&lower, &known.to_lowercase());
            (distance, *known)
        })
        .filter(|(distance, known)| *distance <= 1 + known.len() / 5)
        .min_by_key(|(distance, _)| *distance);
    match near {
        Some((_, known)) => format!("did you mean '{known}'?"),
        None => format!("it can be: {}", known.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::hint;

    #[test]
    fn a_slip_is_recognised_and_nonsense_gets_the_list() {
        assert_eq!(hint("GTE", &["GET", "PUT"]), "did you mean 'GET'?");
        assert_eq!(hint("get", &["GET", "PUT"]), "did you mean 'GET'?");
        assert_eq!(
            hint("kubernets", &["http", "kubernetes"]),
            "did you mean 'kubernetes'?"
        );
        assert_eq!(hint("everything", &["GET", "PUT"]), "it can be: GET, PUT");
    }
}
