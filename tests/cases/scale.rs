//! Many activities, large values, few descriptors.

#![expect(clippy::unwrap_used, reason = "tests stop at what they did not expect")]

use chaos_tests::Sandbox;
use chaos_tests::experiment::{experiment, run, shell, with};
use serde_json::{Value, json};
use std::path::Path;

fn sleeps(name: &str, background: bool) -> Value {
    json!({
        "type": "action", "name": name, "background": background,
        "provider": {
            "type": "python", "module": "time", "func": "sleep", "arguments": { "secs": 0 }
        }
    })
}

#[test]
fn hundreds_of_activities_come_to_their_end() {
    let sandbox = Sandbox::new().unwrap();
    let method: Vec<Value> = (0..600)
        .map(|number| sleeps(&format!("a{number}"), number % 2 == 0))
        .collect();
    let ended = run(&sandbox, &experiment(&method), &[]).unwrap();
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    let journal = sandbox.journal().unwrap();
    let activities = journal["run"].as_array().unwrap();
    assert_eq!(activities.len(), 600);
    let succeeded = |activity: &Value| activity["status"] == "succeeded";
    assert!(activities.iter().all(succeeded));
}

#[test]
fn processes_beyond_the_limit_of_descriptors_fail_and_the_run_goes_on() {
    let sandbox = Sandbox::new().unwrap();
    let background = |number: usize| {
        let mut activity = shell(&format!("b{number}"), "sleep 0.5");
        activity["background"] = json!(true);
        activity
    };
    let method: Vec<Value> = (0..100).map(background).collect();
    let undo = json!([shell("undo", "echo yes > undone")]);
    let it = with(experiment(&method), "rollbacks", undo);
    sandbox.write("experiment.json", it.to_string()).unwrap();
    let mut command = sandbox.command(Path::new("bash"));
    // Soft and hard: it cannot be raised.
    command.args([
        "-c",
        r#"ulimit -n 60; exec "$1" run experiment.json"#,
        "bash",
    ]);
    command.arg(chaos_tests::sandbox::binary().unwrap());
    let ended = sandbox.run(command).unwrap();
    assert_eq!(ended.code, 4, "{}", ended.stderr);
    assert!(sandbox.file("undone").exists(), "{}", ended.stderr);
    let journal = sandbox.journal().unwrap();
    let activities = journal["run"].as_array().unwrap();
    assert_eq!(activities.len(), 100);
    let succeeded = activities
        .iter()
        .filter(|a| a["status"] == "succeeded")
        .count();
    assert!((1..100).contains(&succeeded), "{}", ended.stderr);
}
