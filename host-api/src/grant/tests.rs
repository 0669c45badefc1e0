#![expect(clippy::unwrap_used, reason = "a panic is a failed test")]
use super::*;
use proptest::prelude::*;
use std::path::Path;
use url::Url;

#[test]
fn lines_read_and_show_in_one_form() {
    for (line, shown) in [
        ("http GET http://127.0.0.1:8080/*", None),
        ("http GET,POST https://*.example.com/api/*", None),
        ("http  GET   http://h:80/ ", Some("http GET http://h/")),
        ("http GET,GET http://h/", Some("http GET http://h/")),
        ("http GET http://h/* to 10.0.0.0/8,fd00::/8", None),
        (
            "http GET http://h/* to 10.0.0.1",
            Some("http GET http://h/* to 10.0.0.1/32"),
        ),
        ("http POST http://h/search as read", None),
        ("http POST http://h/search to 10.0.0.0/8 as read", None),
        ("kubernetes get,list pods in shop", None),
        ("kubernetes delete pods in *,kube-system", None),
        ("kubernetes patch nodes", None),
        ("kubernetes get pods/log in shop named web-*", None),
        (
            "kubernetes delete pods in shop where app=shop,tier in (a,b) named web-*",
            None,
        ),
        (
            "kubernetes delete pods in shop where app == shop, tier in (a, b) named web-*",
            Some("kubernetes delete pods in shop where app=shop,tier in (a,b) named web-*"),
        ),
        ("kubernetes create pods/eviction in shop", None),
        ("kubernetes patch deployments.apps/scale in shop", None),
        (
            "kubernetes get,delete podchaos.chaos-mesh.org in shop",
            None,
        ),
        ("kubernetes list nodes where zone=a", None),
        ("secrets shop.token to https://shop.example.com/*", None),
        ("secrets shop.a.b to https://h/", None),
        ("configuration base_url", None),
        ("configuration shop_*", None),
        ("configuration *", None),
    ] {
        let grant: Grant = line.parse().unwrap();
        assert_eq!(grant.to_string(), shown.unwrap_or(line));
        assert_eq!(grant.to_string().parse::<Grant>().unwrap(), grant);
        assert!(!grant.explain().is_empty());
    }
}

#[test]
fn what_is_no_line_is_refused_with_the_reason() {
    for (line, reason) in [
        ("", "instead of what is granted"),
        ("htp GET http://h/", "did you mean 'http'?"),
        ("http", "write METHOD URL-PATTERN"),
        ("http http://h/", "write METHOD URL-PATTERN"),
        ("http GTE http://h/", "did you mean 'GET'?"),
        ("http get http://h/", "did you mean 'GET'?"),
        ("http CONNECT http://h/", "no HTTP method"),
        ("http * http://h/", "no HTTP method"),
        ("http GET, http://h/", "empty method"),
        ("http GET http://h/ as reed", "'to' with networks"),
        ("http GET http://h/ as", "'to' with networks"),
        ("http GET http://h/ to", "'to' with networks"),
        ("http GET http://h/ too 10.0.0.0/8", "did you mean 'to'?"),
        (
            "http GET http://h/ to everywhere",
            "'everywhere' is no network",
        ),
        (
            "http GET http://h/ to 10.0.0.1/8",
            "the network is 10.0.0.0/8",
        ),
        (
            "http GET http://h/ to ::ffff:10.0.0.0/104",
            "as the IPv4 network",
        ),
        (
            "http GET http://h/ as read to 10.0.0.0/8",
            "'to' with networks",
        ),
        ("http GET http://10.0.0.1/ to 10.0.0.0/8", "names itself"),
        ("http GET http://h/ as read as read", "'to' with networks"),
        ("kubernetes", "write VERBS RESOURCE"),
        ("kubernetes get", "write VERBS RESOURCE"),
        ("kubernetes gt pods in shop", "did you mean 'get'?"),
        ("kubernetes * pods in shop", "verbs are granted by name"),
        ("kubernetes log pods in shop", "get pods/log"),
        ("kubernetes evict pods in shop", "create pods/eviction"),
        ("kubernetes update pods in shop", "'patch'"),
        ("kubernetes get pod in shop", "did you mean 'pods'?"),
        (
            "kubernetes get deployments in shop",
            "did you mean 'deployments.apps'?",
        ),
        ("kubernetes get Pods in shop", "is no resource"),
        ("kubernetes get * in shop", "is no resource"),
        ("kubernetes get pods/ in shop", "a subresource is missing"),
        ("kubernetes get pods. in shop", "a group is missing"),
        ("kubernetes get pods", "add 'in'"),
        ("kubernetes get nodes in shop", "leave out 'in'"),
        ("kubernetes get pods in", "a namespace is missing"),
        ("kubernetes get pods in a, b", "empty namespace"),
        ("kubernetes get pods in team-*", "is no namespace"),
        ("kubernetes get pods in ../a", "is no namespace"),
        ("kubernetes get pods inn shop", "did you mean 'in'?"),
        ("kubernetes get pods in shop where", "selector is missing"),
        ("kubernetes get pods in shop where app>1", "no label"),
        ("kubernetes get pods in shop named", "a name is missing"),
        ("kubernetes get pods in shop named a/b", "no name holds"),
        (
            "kubernetes get pods in shop named a where b",
            "does not belong there",
        ),
        (
            "kubernetes deletecollection pods in shop named a",
            "do not go with it",
        ),
        ("secrets shop.token", "three words"),
        ("secrets token to http://h/", "TARGET.KEY"),
        ("secrets shop.* to http://h/", "one by one"),
        ("secrets shop.token at http://h/", "'to' should"),
        ("secrets shop.token to h", "scheme://"),
        ("configuration", "it is empty"),
        ("configuration a*b", "at the end only"),
        ("configuration a b", "does not hold"),
    ] {
        let error = line.parse::<Grant>().unwrap_err().to_string();
        assert!(error.contains(reason), "{line}: {error}");
    }
}

#[test]
fn documents_hold_lists_of_lines_and_nothing_else() {
    let grants: Grants = toml::from_str(
        r#"
        http = ["GET http://127.0.0.1:8080/*"]
        configuration = []
        "#,
    )
    .unwrap();
    assert_eq!(grants.http.len(), 1);
    assert!(grants.kubernetes.is_empty());
    let again: Grants = toml::from_str(&toml::to_string(&grants).unwrap()).unwrap();
    assert_eq!(again, grants);
    assert!(toml::from_str::<Grants>("").unwrap().is_empty());
    for wrong in [
        "htpp = []",
        "http = \"GET http://h/\"",
        "http = [1]",
        "http = [\"GET h\"]",
        "process = [\"/bin/sh\"]",
        "file = [\"read /etc/passwd\"]",
    ] {
        assert!(toml::from_str::<Grants>(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn what_a_manifest_asks_for_beyond_a_policy_is_found() {
    let grants = |lines: &[&str]| -> Grants {
        let lines = lines.iter().map(|line| line.parse::<Grant>().unwrap());
        lines.collect()
    };
    for (asked, allowed, is_within) in [
        ("http GET http://h/a", "http GET,POST http://h/*", true),
        ("http GET,POST http://h/a", "http GET http://h/*", false),
        (
            "http GET http://h/* to 10.1.0.0/16",
            "http GET http://h/* to 10.0.0.0/8",
            true,
        ),
        (
            "http GET http://h/* to 10.0.0.0/8",
            "http GET http://h/*",
            false,
        ),
        (
            "http POST http://h/* as read",
            "http POST http://h/*",
            false,
        ),
        ("http GET http://h/* as read", "http GET http://h/*", true),
        (
            "kubernetes get pods in a",
            "kubernetes get,list pods in a,b",
            true,
        ),
        ("kubernetes get pods in a", "kubernetes get pods in *", true),
        (
            "kubernetes get pods in kube-system",
            "kubernetes get pods in *",
            false,
        ),
        (
            "kubernetes get pods in *",
            "kubernetes get pods in a",
            false,
        ),
        (
            "kubernetes get pods in a where x=y,z",
            "kubernetes get pods in a where z",
            true,
        ),
        (
            "kubernetes get pods in a",
            "kubernetes get pods in a where z",
            false,
        ),
        (
            "kubernetes get pods in a named w-1",
            "kubernetes get pods in a named w-*",
            true,
        ),
        (
            "kubernetes get pods in a",
            "kubernetes get pods in a named w-*",
            false,
        ),
        (
            "kubernetes get pods/log in a",
            "kubernetes get pods in a",
            false,
        ),
        ("kubernetes patch nodes", "kubernetes patch nodes", true),
        (
            "secrets a.b to http://h/x",
            "secrets a.b to http://h/*",
            true,
        ),
        (
            "secrets a.b to http://h/x",
            "secrets a.c to http://h/*",
            false,
        ),
        ("configuration a_b", "configuration a_*", true),
        ("configuration a_*", "configuration a_b", false),
        ("http GET http://h/", "configuration *", false),
    ] {
        let beyond = grants(&[asked]).beyond(&grants(&[allowed]));
        assert_eq!(beyond.is_empty(), is_within, "{asked} {allowed}");
    }
}

/// A guest chooses the host, and the operator may add the line that a denial names.
#[test]
fn no_line_is_named_that_would_grant_more_than_the_request() {
    for url in [
        "http://*.example.com/x",
        "http://*.example.com/x*",
        "http://h./x*",
    ] {
        let url = Url::parse(url).unwrap();
        assert_eq!(HttpGrant::exactly("GET", &url, None), None, "{url}");
    }
    let url = Url::parse("http://h/x*").unwrap();
    let line = HttpGrant::exactly("GET", &url, None).unwrap();
    assert_eq!(line.to_string(), "GET http://h/*");
}

#[test]
fn requests_are_held_against_method_and_place() {
    let grant: HttpGrant = "GET,HEAD http://h/a/*".parse().unwrap();
    let url = Url::parse("http://h/a/b").unwrap();
    assert!(grant.matches("GET", &url));
    assert!(grant.matches("HEAD", &url));
    assert!(!grant.matches("POST", &url));
    assert!(!grant.matches("get", &url));
    assert!(!grant.matches("GET", &Url::parse("http://h/b").unwrap()));
}

#[test]
fn calls_are_held_against_everything_that_is_known_of_them() {
    let subject = |verb, namespace, name| Subject {
        verb,
        resource: "pods",
        group: "",
        subresource: "",
        namespace,
        name,
    };
    use GrantedVerb::{Delete, Get, List};
    for (line, call, expected) in [
        (
            "get pods in shop",
            subject(Get, Some("shop"), Some("a")),
            true,
        ),
        (
            "get pods in shop",
            subject(Delete, Some("shop"), Some("a")),
            false,
        ),
        (
            "get pods in shop",
            subject(Get, Some("other"), Some("a")),
            false,
        ),
        (
            "get pods in a,shop",
            subject(Get, Some("shop"), Some("a")),
            true,
        ),
        ("get pods in *", subject(Get, Some("shop"), Some("a")), true),
        (
            "get pods in *",
            subject(Get, Some("kube-system"), Some("a")),
            false,
        ),
        (
            "get pods in *",
            subject(Get, Some("kube-x"), Some("a")),
            false,
        ),
        (
            "get pods in kube-system",
            subject(Get, Some("kube-system"), Some("a")),
            true,
        ),
        (
            "get pods in *,kube-system",
            subject(Get, Some("kube-system"), Some("a")),
            true,
        ),
        ("list pods in *", subject(List, None, None), true),
        ("list pods in shop", subject(List, None, None), false),
        ("get pods in *", subject(Get, None, Some("a")), false),
        (
            "get pods in shop named a-*",
            subject(Get, Some("shop"), Some("a-1")),
            true,
        ),
        (
            "get pods in shop named a-*",
            subject(Get, Some("shop"), Some("b-1")),
            false,
        ),
        (
            "list pods in shop named a-*",
            subject(List, Some("shop"), None),
            true,
        ),
        (
            "get services in shop",
            subject(Get, Some("shop"), Some("a")),
            false,
        ),
        (
            "get pods.metrics.k8s.io in shop",
            subject(Get, Some("shop"), Some("a")),
            false,
        ),
        (
            "get pods/log in shop",
            subject(Get, Some("shop"), Some("a")),
            false,
        ),
    ] {
        let grant: KubernetesGrant = line.parse().unwrap();
        assert_eq!(grant.admits(&call), expected, "{line}: {call}");
    }
    let namespace = |name| Subject {
        resource: "namespaces",
        ..subject(Delete, None, Some(name))
    };
    for (line, name, expected) in [
        ("delete namespaces", "shop", true),
        ("delete namespaces", "kube-system", false),
        ("delete namespaces named *", "kube-system", false),
        ("delete namespaces named kube-system", "kube-system", true),
    ] {
        let grant: KubernetesGrant = line.parse().unwrap();
        assert_eq!(grant.admits(&namespace(name)), expected, "{line}: {name}");
    }
}

#[test]
fn objects_are_held_against_namespace_name_and_labels() {
    let grant: KubernetesGrant = "list pods in * where app=shop named web-*".parse().unwrap();
    for (metadata, expected) in [
        (
            r#"{"namespace": "a", "name": "web-1", "labels": {"app": "shop"}}"#,
            true,
        ),
        (
            r#"{"namespace": "a", "name": "db-1", "labels": {"app": "shop"}}"#,
            false,
        ),
        (
            r#"{"namespace": "a", "name": "web-1", "labels": {"app": "other"}}"#,
            false,
        ),
        (r#"{"namespace": "a", "name": "web-1"}"#, false),
        (
            r#"{"namespace": "kube-system", "name": "web-1", "labels": {"app": "shop"}}"#,
            false,
        ),
        (r#"{"name": "web-1", "labels": {"app": "shop"}}"#, false),
        (
            r#"{"namespace": "a", "generateName": "web-", "labels": {"app": "shop"}}"#,
            true,
        ),
        (
            r#"{"namespace": "a", "generateName": "w", "labels": {"app": "shop"}}"#,
            false,
        ),
        (r#"{"namespace": "a", "labels": {"app": "shop"}}"#, false),
        ("{}", false),
    ] {
        let metadata: serde_json::Value = serde_json::from_str(metadata).unwrap();
        assert_eq!(grant.means(Some(&metadata)), expected, "{metadata}");
    }
    assert!(!grant.means(None));
}

#[test]
fn programs_and_files_are_named_by_their_paths() {
    let program: ProcessGrant = "/usr/bin/kubectl".parse().unwrap();
    assert!(program.matches(Path::new("/usr/bin/kubectl")));
    for other in [
        "kubectl",
        "/usr/bin/../bin/kubectl",
        "/tmp/kubectl",
        "/usr/bin/kubectl2",
    ] {
        assert!(!program.matches(Path::new(other)), "{other}");
    }
    for wrong in [
        "kubectl",
        "",
        "/",
        "/usr/bin/*",
        "/usr/../bin/x",
        "/usr//bin",
        "~/x",
    ] {
        assert!(wrong.parse::<ProcessGrant>().is_err(), "{wrong}");
    }
    use FileAccess::{Read, Write};
    for (line, access, path, expected) in [
        ("read /tmp/x", Read, "/tmp/x", true),
        ("read /tmp/x", Write, "/tmp/x", false),
        ("read /tmp/x", Read, "/tmp/xy", false),
        ("read,write /tmp/x/*", Write, "/tmp/x/y", true),
        ("write /tmp/x/*", Read, "/tmp/x/y", false),
        ("read /tmp/x/*", Read, "/tmp/x/../y", false),
        ("read /tmp/x/*", Read, "/tmp/x", false),
        ("read /tmp/*", Read, "tmp/x", false),
        ("read /*", Read, "/etc/passwd", true),
    ] {
        let grant: FileGrant = line.parse().unwrap();
        assert_eq!(
            grant.matches(access, Path::new(path)),
            expected,
            "{line} {path}"
        );
        assert_eq!(grant.to_string(), line);
        assert!(!grant.explain().is_empty());
    }
    for wrong in [
        "/tmp/x",
        "look /tmp/x",
        "read tmp/x",
        "read /a*b",
        "read /a/../b",
        "read ",
    ] {
        assert!(wrong.parse::<FileGrant>().is_err(), "{wrong}");
    }
}

proptest! {
    #[test]
    fn any_line_is_read_or_refused_and_reads_the_same_again(
        line in "(http (GET|POST,PUT)|kubernetes (get|list,watch)|secrets|configuration) .{0,40}"
    ) {
        if let Ok(grant) = line.parse::<Grant>() {
            let shown = grant.to_string();
            prop_assert_eq!(shown.parse::<Grant>().unwrap(), grant, "{}", shown);
        }
    }

    #[test]
    fn well_formed_lines_are_read_and_read_the_same_again(
        line in prop_oneof![
            "http (GET|POST|GET,DELETE) https?://(\\*\\.)?[a-z]{1,8}(\\.[a-z]{1,4})?(:[1-9][0-9]{0,3})?(/[a-z]{0,4}){1,3}\\*?( to 10\\.[0-9]\\.0\\.0/16)?( as read)?",
            "kubernetes (get|list,patch|delete) (configmaps|pods/log|widgets\\.example\\.org) in (\\*|[a-z]{1,5}|[a-z]{2},kube-dns)( where [a-z]{1,4}(=[a-z]{1,3}| in \\([a-z],[a-z]\\))?)?( named [a-z*]{1,6})?",
            "secrets [a-z]{1,5}\\.[a-z_]{1,5} to https://[a-z]{1,5}/[a-z]{0,4}\\*?",
            "configuration [a-z_]{1,8}\\*?",
        ]
    ) {
        let grant: Grant = line.parse().unwrap();
        prop_assert_eq!(grant.to_string().parse::<Grant>().unwrap(), grant.clone());
        prop_assert!(Grants::from_iter([grant.clone()]).beyond(&Grants::from_iter([grant])).is_empty());
    }
}
