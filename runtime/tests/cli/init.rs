use super::Place;

#[test]
fn answers_become_an_experiment_that_runs() {
    let place = Place::new();
    place.chaos(&["discover", "process"]).ended(0);
    let answers = "My title\ny\nHealthy\n1\ny\n{\"type\": \"range\", \"range\": [0, 1]}\n\
                   true\n\n\nn\ny\n2\ny\ntrue\n\n5\nn\nn\n";
    let said = place.answering(answers, &["init"]).ended(0);
    assert!(
        said.stdout
            .contains("Experiment created and saved in './experiment.json'")
    );
    let experiment = place.json("experiment.json");
    assert_eq!(experiment["title"], "My title");
    let action = &experiment["method"][0];
    assert_eq!(action["provider"]["path"], "true");
    assert_eq!(action["provider"]["timeout"], 5);
    place.chaos(&["validate", "experiment.json"]).ended(0);
}

#[test]
fn without_answers_defaults_are_taken_in_both_formats() {
    let place = Place::new();
    for path in ["e.json", "e.yaml", "e.YML"] {
        place
            .answering("", &["init", "--experiment-path", path])
            .ended(0);
        assert!(place.path(path).exists());
    }
    assert!(place.read("e.yaml").contains("method: []"));
    place.chaos(&["validate", "e.json", "e.yaml"]).ended(0);
}

#[test]
fn a_broken_discovery_is_an_error() {
    let place = Place::new();
    place.write("discovery.json", "[]");
    place
        .answering("", &["init"])
        .ended(2)
        .logged("is not the outcome of `discover`");
    assert!(!place.path("experiment.json").exists());
}

#[test]
fn an_unwritable_path_is_an_error() {
    let place = Place::new();
    place
        .answering("t\n", &["init", "--experiment-path", "no/such/folder.json"])
        .ended(5)
        .logged("Cannot write 'no/such/folder.json'");
}
