use super::Place;
use serde_json::Value;

#[test]
fn the_outcome_has_the_references_shape() {
    let place = Place::new();
    place
        .chaos(&["discover", "http", "--no-install", "--no-system-info"])
        .ended(0)
        .logged("INFO] Discovery outcome saved in ./discovery.json");
    let discovery = place.json("discovery.json");
    let keys: Vec<&String> = discovery.as_object().unwrap().keys().collect();
    assert_eq!(
        keys,
        [
            "chaoslib_version",
            "id",
            "target",
            "date",
            "platform",
            "extension",
            "activities",
            "system"
        ]
    );
    let keys: Vec<&String> = discovery["platform"].as_object().unwrap().keys().collect();
    assert_eq!(
        keys,
        [
            "system", "node", "release", "version", "machine", "proc", "python"
        ]
    );
    assert_eq!(discovery["system"], Value::Null);
    let activity = &discovery["activities"][0];
    assert_eq!(activity["type"], "probe");
    assert_eq!(activity["arguments"][0]["name"], "url");
    assert!(activity["arguments"][0].get("default").is_none());
    assert_eq!(activity["arguments"][2]["default"], Value::Null);
}

#[test]
fn packages_are_found_by_the_names_that_users_know() {
    let place = Place::new();
    for (name, function, module) in [
        ("kubernetes", "delete_pods", "chaosk8s.pod.actions"),
        (
            "chaostoolkit-kubernetes",
            "delete_pods",
            "chaosk8s.pod.actions",
        ),
        ("chaosk8s", "delete_pods", "chaosk8s.pod.actions"),
        ("stdlib", "sleep", "time"),
        ("python", "sleep", "time"),
        ("process", "run", "process"),
    ] {
        place.chaos(&["discover", name]).ended(0);
        let discovery = place.json("discovery.json");
        let activities = discovery["activities"].as_array().unwrap();
        let listed = |activity: &&Value| activity["name"] == function && activity["mod"] == module;
        assert!(
            activities.iter().any(|activity| listed(&activity)),
            "{name}: {discovery:#}"
        );
    }
}

#[test]
fn unknown_packages_fail_except_under_compat() {
    let place = Place::new();
    place
        .chaos(&["discover", "chaostoolkit-none"])
        .ended(1)
        .logged("CRITICAL] Package chaostoolkit-none not found");
    place
        .chaos(&["--compat", "discover", "chaostoolkit-none"])
        .ended(0);
    assert!(!place.path("discovery.json").exists());
}

#[test]
fn an_unwritable_path_is_an_error() {
    let place = Place::new();
    place
        .chaos(&[
            "discover",
            "http",
            "--discovery-path",
            "no/such/folder.json",
        ])
        .ended(5)
        .logged("Cannot write the discovery to 'no/such/folder.json'");
}
