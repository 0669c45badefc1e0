use crate::grant::spelling;

/// A verb of Kubernetes' authorisation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum GrantedVerb {
    /// Reads one object.
    Get,
    /// Reads all objects that match.
    List,
    /// Sees changes as they happen.
    Watch,
    /// Makes an object.
    Create,
    /// Changes an object.
    Patch,
    /// Removes an object.
    Delete,
    /// Removes all objects that match, in one call.
    DeleteCollection,
}

impl GrantedVerb {
    const ALL: [GrantedVerb; 7] = [
        GrantedVerb::Get,
        GrantedVerb::List,
        GrantedVerb::Watch,
        GrantedVerb::Create,
        GrantedVerb::Patch,
        GrantedVerb::Delete,
        GrantedVerb::DeleteCollection,
    ];

    /// As it is written.
    pub fn name(self) -> &'static str {
        match self {
            GrantedVerb::Get => "get",
            GrantedVerb::List => "list",
            GrantedVerb::Watch => "watch",
            GrantedVerb::Create => "create",
            GrantedVerb::Patch => "patch",
            GrantedVerb::Delete => "delete",
            GrantedVerb::DeleteCollection => "deletecollection",
        }
    }

    pub(super) fn parse(word: &str) -> Result<GrantedVerb, String> {
        let found = GrantedVerb::ALL
            .into_iter()
            .find(|verb| verb.name() == word);
        found.ok_or_else(|| {
            let hint = match word {
                "log" | "logs" => "a pod's log is granted as 'get pods/log'".to_owned(),
                "evict" => "evictions are granted as 'create pods/eviction'".to_owned(),
                "scale" => "scaling is granted as 'patch deployments.apps/scale'".to_owned(),
                "update" => "changes are made and granted as 'patch'".to_owned(),
                "*" => "verbs are granted by name".to_owned(),
                _ => spelling::hint(word, &GrantedVerb::ALL.map(GrantedVerb::name)),
            };
            format!("'{word}' is no verb; {hint}")
        })
    }
}
