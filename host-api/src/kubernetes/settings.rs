use super::KubernetesError;
use serde_json::{Map, Value};
use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::PathBuf;

/// Where a pod finds its service account.
const SERVICE_ACCOUNT: &str = "/var/run/secrets/kubernetes.io/serviceaccount";

/// Which cluster to talk to, and as whom. Equal settings share one client.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ClusterSettings {
    pub(super) cluster: Cluster,
    pub(super) proxy: ProxySettings,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Cluster {
    /// As kubectl does: these files merged, the first to say something wins.
    Kubeconfig {
        paths: Vec<PathBuf>,
        context: Option<String>,
    },
    /// From within a pod.
    Pod { server: String, folder: PathBuf },
    /// Address and credentials given one by one.
    Explicit {
        server: String,
        credentials: Credentials,
        authority: Option<PathBuf>,
        verify: bool,
    },
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Credentials {
    None,
    Header(Secret),
    Certificate { certificate: PathBuf, key: PathBuf },
    Basic { user: String, password: Secret },
}

/// A text that is not printed.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct Secret(pub(super) String);

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(crate::redact::MASK)
    }
}

/// Proxy variables as found; a kubeconfig's `proxy-url` goes before them.
#[derive(Clone, PartialEq, Eq, Hash, Default)]
pub(super) struct ProxySettings {
    pub(super) url: Option<String>,
    pub(super) except: Option<String>,
}

impl fmt::Debug for ProxySettings {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A proxy's URL may hold a password.
        write!(formatter, "ProxySettings({})", self.url.is_some())
    }
}

impl ClusterSettings {
    /// Tells clusters apart within a run: equal settings have equal numbers.
    pub(super) fn number(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.hash(&mut hasher);
        hasher.finish()
    }

    /// Finds the cluster as the reference does, first match wins:
    ///
    /// 1. the files of `KUBECONFIG` (default `~/.kube/config`), if one of them exists, with the
    ///    context `KUBERNETES_CONTEXT` or the files' own;
    /// 2. the pod's service account, if `CHAOSTOOLKIT_IN_POD` is `true`;
    /// 3. `KUBERNETES_HOST` and its companions `KUBERNETES_API_KEY`, `…_API_KEY_PREFIX`,
    ///    `…_CERT_FILE`, `…_KEY_FILE`, `…_USERNAME`, `…_PASSWORD`, `…_CA_CERT_FILE`,
    ///    `…_VERIFY_SSL`;
    /// 4. the pod's service account, if there is one.
    ///
    /// `KUBERNETES_*` keys are looked up in `secrets` first. Deliberately unlike the reference: a
    /// list of files in `KUBECONFIG` works, user name and password are sent, certificates are
    /// verified unless `KUBERNETES_VERIFY_SSL` says `false`, `0`, `no` or `off`,
    /// `KUBERNETES_DEBUG` prints nothing (it would print tokens), and knowing of no cluster is an
    /// error instead of `http://localhost`.
    ///
    /// # Errors
    /// [`KubernetesError::Config`] when nothing says which cluster is meant, or a value is of the
    /// wrong type.
    pub fn find(
        secrets: &Map<String, Value>,
        environment: &dyn Fn(&str) -> Option<String>,
    ) -> Result<ClusterSettings, KubernetesError> {
        let lookup = |key: &str| match secrets.get(key) {
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(Value::Null) => Ok(None),
            Some(Value::Bool(flag)) => Ok(Some(flag.to_string())),
            Some(Value::Number(number)) => Ok(Some(number.to_string())),
            Some(_) => Err(KubernetesError::Config(format!(
                "the secret {key} must be a text"
            ))),
            None => Ok(environment(key)),
        };
        Ok(ClusterSettings {
            cluster: find_cluster(&lookup, environment)?,
            proxy: ProxySettings {
                url: [
                    "HTTPS_PROXY",
                    "https_proxy",
                    "HTTP_PROXY",
                    "ALL_PROXY",
                    "all_proxy",
                ]
                .into_iter()
                .find_map(|key| environment(key).filter(|url| !url.is_empty())),
                except: ["NO_PROXY", "no_proxy"]
                    .into_iter()
                    .find_map(|key| environment(key).filter(|hosts| !hosts.is_empty())),
            },
        })
    }
}

type Lookup<'l> = &'l dyn Fn(&str) -> Result<Option<String>, KubernetesError>;

fn find_cluster(
    lookup: Lookup<'_>,
    environment: &dyn Fn(&str) -> Option<String>,
) -> Result<Cluster, KubernetesError> {
    let files = kubeconfig_files(environment);
    let there: Vec<PathBuf> = files.iter().filter(|path| path.exists()).cloned().collect();
    if !there.is_empty() {
        return Ok(Cluster::Kubeconfig {
            paths: there,
            context: lookup("KUBERNETES_CONTEXT")?.filter(|name| !name.is_empty()),
        });
    }
    let in_pod = environment("CHAOSTOOLKIT_IN_POD").as_deref() == Some("true");
    if in_pod {
        return in_cluster(environment).ok_or_else(|| {
            KubernetesError::Config(
                "CHAOSTOOLKIT_IN_POD is true, but KUBERNETES_SERVICE_HOST and \
                 KUBERNETES_SERVICE_PORT are not set: this is no pod of a cluster"
                    .into(),
            )
        });
    }
    if let Some(explicit) = explicit(lookup)? {
        return Ok(explicit);
    }
    let account = PathBuf::from(SERVICE_ACCOUNT).join("token");
    if let (true, Some(cluster)) = (account.exists(), in_cluster(environment)) {
        return Ok(cluster);
    }
    let tried: Vec<String> = files.iter().map(|p| p.display().to_string()).collect();
    Err(KubernetesError::Config(format!(
        "there is no kubeconfig ({}), this is no pod of a cluster, and KUBERNETES_HOST is not set; \
         set KUBECONFIG, or KUBERNETES_HOST in the environment or in the provider's secrets",
        tried.join(", ")
    )))
}

fn kubeconfig_files(environment: &dyn Fn(&str) -> Option<String>) -> Vec<PathBuf> {
    let home = environment("HOME").map(PathBuf::from);
    match environment("KUBECONFIG").filter(|list| !list.is_empty()) {
        Some(list) => std::env::split_paths(&list)
            .filter(|path| !path.as_os_str().is_empty())
            .map(|path| match (path.strip_prefix("~"), &home) {
                (Ok(rest), Some(home)) => home.join(rest),
                _ => path,
            })
            .collect(),
        None => home
            .map(|home| home.join(".kube").join("config"))
            .into_iter()
            .collect(),
    }
}

fn in_cluster(environment: &dyn Fn(&str) -> Option<String>) -> Option<Cluster> {
    let host = environment("KUBERNETES_SERVICE_HOST").filter(|host| !host.is_empty())?;
    let port = environment("KUBERNETES_SERVICE_PORT").filter(|port| !port.is_empty())?;
    let host = match host.contains(':') && !host.starts_with('[') {
        true => format!("[{host}]"),
        false => host,
    };
    Some(Cluster::Pod {
        server: format!("https://{host}:{port}"),
        folder: PathBuf::from(SERVICE_ACCOUNT),
    })
}

fn explicit(lookup: Lookup<'_>) -> Result<Option<Cluster>, KubernetesError> {
    let host = lookup("KUBERNETES_HOST")?;
    let key = lookup("KUBERNETES_API_KEY")?;
    let certificate = lookup("KUBERNETES_CERT_FILE")?;
    let user = lookup("KUBERNETES_USERNAME")?;
    if host.is_none() && key.is_none() && certificate.is_none() && user.is_none() {
        return Ok(None);
    }
    let credentials = if let Some(key) = key {
        let prefix = lookup("KUBERNETES_API_KEY_PREFIX")?.unwrap_or_else(|| "Bearer".into());
        Credentials::Header(Secret(format!("{prefix} {key}").trim_start().to_owned()))
    } else if let Some(certificate) = certificate {
        let key = lookup("KUBERNETES_KEY_FILE")?.ok_or_else(|| {
            KubernetesError::Config(
                "KUBERNETES_CERT_FILE is set, so KUBERNETES_KEY_FILE has to be set too".into(),
            )
        })?;
        Credentials::Certificate {
            certificate: certificate.into(),
            key: key.into(),
        }
    } else if let Some(user) = user {
        let password = Secret(lookup("KUBERNETES_PASSWORD")?.unwrap_or_default());
        Credentials::Basic { user, password }
    } else {
        Credentials::None
    };
    let verify = lookup("KUBERNETES_VERIFY_SSL")?.is_none_or(|text| {
        let text = text.to_ascii_lowercase();
        !["false", "0", "no", "off"].contains(&text.as_str())
    });
    Ok(Some(Cluster::Explicit {
        server: host.unwrap_or_else(|| "http://localhost".into()),
        credentials,
        authority: lookup("KUBERNETES_CA_CERT_FILE")?.map(PathBuf::from),
        verify,
    }))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is a failed test")]

    use super::*;
    use serde_json::json;

    fn find(
        secrets: Value,
        environment: &[(&str, &str)],
    ) -> Result<ClusterSettings, KubernetesError> {
        let secrets = secrets.as_object().cloned().unwrap();
        ClusterSettings::find(&secrets, &|key| {
            let found = environment.iter().find(|(name, _)| *name == key)?;
            Some(found.1.to_owned())
        })
    }

    #[test]
    fn a_kubeconfig_beats_everything_and_missing_files_of_a_list_are_passed_over() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("config");
        std::fs::write(&file, "").unwrap();
        let home = folder.path().to_str().unwrap();
        let list = format!("/nowhere/at/all::~/config:{}", file.display());
        let settings = find(
            json!({"KUBERNETES_HOST": "http://x", "KUBERNETES_CONTEXT": "staging"}),
            &[
                ("KUBECONFIG", &list),
                ("HOME", home),
                ("CHAOSTOOLKIT_IN_POD", "true"),
            ],
        );
        assert_eq!(
            settings.unwrap().cluster,
            Cluster::Kubeconfig {
                paths: vec![file.clone(), file],
                context: Some("staging".into())
            }
        );
    }

    #[test]
    fn secrets_go_before_the_environment_and_a_null_hides_it() {
        let environment = [("KUBERNETES_HOST", "http://e"), ("KUBERNETES_API_KEY", "k")];
        let Cluster::Explicit {
            server,
            credentials,
            verify,
            ..
        } = find(
            json!({"KUBERNETES_HOST": "http://s", "KUBERNETES_API_KEY": null}),
            &environment,
        )
        .unwrap()
        .cluster
        else {
            panic!("explicit settings expected")
        };
        assert_eq!(server, "http://s");
        assert_eq!(credentials, Credentials::None);
        assert!(verify);
    }

    #[test]
    fn verification_is_on_unless_switched_off_in_so_many_words() {
        for (value, expected) in [
            (json!("false"), false),
            (json!(false), false),
            (json!("0"), false),
            (json!("OFF"), false),
            (json!("true"), true),
            (json!("yes"), true),
            (json!(null), true),
        ] {
            let secrets = json!({"KUBERNETES_HOST": "https://s", "KUBERNETES_VERIFY_SSL": value});
            let found = find(secrets, &[]).unwrap().cluster;
            assert!(matches!(found, Cluster::Explicit { verify, .. } if verify == expected));
        }
    }

    #[test]
    fn a_pod_is_recognised_only_by_the_exact_word() {
        let service = [
            ("KUBERNETES_SERVICE_HOST", "fd00::1"),
            ("KUBERNETES_SERVICE_PORT", "443"),
        ];
        let with = |word: &'static str| [service[0], service[1], ("CHAOSTOOLKIT_IN_POD", word)];
        let Cluster::Pod { server, .. } = find(json!({}), &with("true")).unwrap().cluster else {
            panic!("in-cluster settings expected")
        };
        assert_eq!(server, "https://[fd00::1]:443");
        let error = find(json!({}), &[("CHAOSTOOLKIT_IN_POD", "true")]).unwrap_err();
        assert!(error.to_string().contains("KUBERNETES_SERVICE_HOST"));
    }

    #[test]
    fn knowing_of_no_cluster_is_an_error_that_says_what_to_do() {
        let error = find(json!({}), &[("HOME", "/nonexistent")]).unwrap_err();
        let text = error.to_string();
        assert!(text.contains("/nonexistent/.kube/config"), "{text}");
        assert!(text.contains("KUBERNETES_HOST"), "{text}");
        assert!(find(json!({"KUBERNETES_HOST": []}), &[]).is_err());
        assert!(find(json!({"KUBERNETES_CERT_FILE": "/c"}), &[]).is_err());
    }

    #[test]
    fn credentials_are_not_printed() {
        let secrets = json!({"KUBERNETES_HOST": "https://s", "KUBERNETES_API_KEY": "hunter2"});
        let settings = find(secrets, &[("HTTPS_PROXY", "http://u:hunter2@proxy")]).unwrap();
        assert!(!format!("{settings:?}").contains("hunter2"));
    }
}
