#![expect(clippy::unwrap_used, reason = "a panic is a failed test")]

use super::*;
use proptest::prelude::*;

#[test]
fn paths_are_those_of_the_api() {
    let path = |call: KubernetesCall| call.path_and_query().unwrap();
    assert_eq!(
        path(KubernetesCall::list(Resource::PODS, Some("a")).labels("app=x,tier in (b)")),
        "/api/v1/namespaces/a/pods?labelSelector=app%3Dx%2Ctier+in+%28b%29"
    );
    assert_eq!(
        path(KubernetesCall::list(Resource::PODS, None).fields("spec.nodeName=n1")),
        "/api/v1/pods?fieldSelector=spec.nodeName%3Dn1"
    );
    assert_eq!(
        path(KubernetesCall::watch(Resource::DEPLOYMENTS, Some("a")).query("x", "1")),
        "/apis/apps/v1/namespaces/a/deployments?x=1&watch=true"
    );
    assert_eq!(
        path(KubernetesCall::log("a", "p")),
        "/api/v1/namespaces/a/pods/p/log"
    );
    let evict = KubernetesCall::evict("a", "p");
    assert_eq!(
        evict.to_string(),
        "POST /api/v1/namespaces/a/pods/p/eviction"
    );
    assert!(evict.charges(0).contains(&Charge::PodDeleted));
}

#[test]
fn an_empty_name_is_not_the_whole_collection() {
    for name in ["", ".", ".."] {
        let call = KubernetesCall::delete(Resource::PODS, Some("a"), name, json!({}));
        assert!(matches!(
            call.path_and_query(),
            Err(KubernetesError::Invalid(_))
        ));
    }
    let call = KubernetesCall::list(Resource::PODS, Some(""));
    assert!(call.path_and_query().is_err());
}

proptest! {
    #[test]
    fn a_name_never_leaves_its_segment(name in ".+") {
        prop_assume!(name != "." && name != "..");
        let call = KubernetesCall::get(Resource::PODS, Some(&name), &name);
        let path = call.path_and_query().unwrap();
        prop_assert_eq!(path.matches('/').count(), 6);
        prop_assert!(!path.contains(['?', '#', ' ']));
        prop_assert!(path.parse::<http::uri::PathAndQuery>().is_ok());
    }
}
