use super::location::UrlPattern;
use super::spelling;
use crate::Effect;
use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use url::Url;

/// `METHOD[,METHOD...] scheme://host[:port]/path[*] [to CIDR[,CIDR...]] [as read]`.
///
/// A manifest may leave the place open, since only who uses a plugin knows it: `METHOD *`, or
/// `METHOD */path[*]`. The operator's lines name it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct HttpGrant {
    methods: Vec<&'static str>,
    pub(crate) url: UrlPattern,
    to: Vec<IpNet>,
    is_read: bool,
}

const METHODS: [&str; 12] = [
    "GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "TRACE", "QUERY", "PURGE",
    "PROPFIND", "REPORT",
];

static EVERYWHERE: [IpNet; 2] = [
    IpNet::V4(Ipv4Net::new_assert(Ipv4Addr::UNSPECIFIED, 0)),
    IpNet::V6(Ipv6Net::new_assert(Ipv6Addr::UNSPECIFIED, 0)),
];

/// Whether a method only looks, by HTTP's own definition and without a line that says so.
pub(crate) fn effect_of(method: &str) -> Effect {
    match method {
        "GET" | "HEAD" | "OPTIONS" => Effect::Read,
        _ => Effect::Mutate,
    }
}

impl HttpGrant {
    /// Reads an operator's line.
    pub(super) fn read(line: &str) -> Result<HttpGrant, String> {
        let grant = HttpGrant::read_open(line)?;
        match grant.url.is_anywhere() {
            true => {
                Err("it names no place: only a plugin's manifest may leave that open".to_owned())
            }
            false => Ok(grant),
        }
    }

    /// Reads a manifest's line.
    pub(super) fn read_open(line: &str) -> Result<HttpGrant, String> {
        let mut words = line.split_whitespace();
        let (Some(methods), Some(pattern)) = (words.next(), words.next()) else {
            return Err("write METHOD URL-PATTERN, such as GET http://127.0.0.1:8080/*".to_owned());
        };
        let mut known = Vec::new();
        for method in super::list(methods, "method")? {
            match METHODS.into_iter().find(|known| *known == method) {
                Some(method) => known.push(method),
                None => {
                    let hint = spelling::hint(method, &METHODS);
                    return Err(format!("'{method}' is no HTTP method; {hint}"));
                }
            }
        }
        let url = UrlPattern::parse_open(pattern)?;
        let mut grant = HttpGrant {
            methods: known,
            url,
            to: Vec::new(),
            is_read: false,
        };
        while let Some(word) = words.next() {
            match (word, words.next()) {
                ("to", Some(networks)) if grant.to.is_empty() && !grant.is_read => {
                    grant.to = networks_of(networks)?;
                }
                ("as", Some("read")) if !grant.is_read => grant.is_read = true,
                ("to" | "as", _) => {
                    return Err(
                        "behind the URL may stand 'to' with networks, then 'as read', each once"
                            .to_owned(),
                    );
                }
                (other, _) => {
                    let hint = spelling::hint(other, &["to", "as read"]);
                    return Err(format!("'{other}' does not belong behind the URL; {hint}"));
                }
            }
        }
        if !grant.to.is_empty() && grant.url.is_anywhere() {
            return Err("'to' is for who names the place".to_owned());
        }
        if !grant.to.is_empty() && !grant.url.is_of_names() {
            return Err("'to' is for names; an address in the URL names itself".to_owned());
        }
        Ok(grant)
    }

    /// The narrowest line for one request, which may need a special address. Falls back on every
    /// path of the host where a line cannot name the path.
    pub(crate) fn exactly(method: &str, url: &Url, address: Option<IpAddr>) -> Option<HttpGrant> {
        let pattern = match UrlPattern::exactly(url) {
            Some(pattern) => pattern,
            None => {
                let whole = UrlPattern::parse(&format!("{}/*", super::origin(url)?)).ok();
                whole.filter(|own| own.matches_origin(url))?
            }
        };
        let method = METHODS.into_iter().find(|known| *known == method)?;
        Some(HttpGrant {
            methods: vec![method],
            url: pattern,
            to: address.map(IpNet::from).into_iter().collect(),
            is_read: false,
        })
    }

    /// The narrowest line for requests that were made.
    pub(crate) fn of_used(
        methods: Vec<&'static str>,
        url: UrlPattern,
        to: Vec<IpNet>,
        is_read: bool,
    ) -> HttpGrant {
        HttpGrant {
            methods,
            url,
            to,
            is_read,
        }
    }

    /// The same line with `as read`.
    pub(crate) fn declared_read(self) -> HttpGrant {
        HttpGrant {
            is_read: true,
            ..self
        }
    }

    /// A method's name as the lines know it.
    pub(crate) fn method(name: &str) -> Option<&'static str> {
        METHODS.into_iter().find(|known| *known == name)
    }

    /// Whether requests with this method to `url` are meant.
    pub fn matches(&self, method: &str, url: &Url) -> bool {
        self.methods.contains(&method) && self.url.matches(url)
    }

    /// Special networks that the host's name may resolve to.
    pub fn to(&self) -> &[IpNet] {
        match self.url.is_anywhere() {
            // That too is left to who names the place.
            true => &EVERYWHERE,
            false => &self.to,
        }
    }

    /// Whether it leaves the place open, and `operator`'s line names one for some of its requests.
    pub(super) fn is_met_by(&self, operator: &HttpGrant) -> bool {
        self.url.is_anywhere()
            && self
                .methods
                .iter()
                .any(|method| operator.methods.contains(method))
            && operator.url.is_within(&self.url)
    }

    /// Whether the requests are reads although their method says otherwise.
    pub fn is_read(&self) -> bool {
        self.is_read
    }

    /// Whether everything that `self` means is meant by `other`.
    pub fn is_within(&self, other: &HttpGrant) -> bool {
        let named = |own: &IpNet| other.to.iter().any(|network| network.contains(own));
        let changes = |method: &&str| effect_of(method) == Effect::Mutate;
        self.methods.iter().all(|own| other.methods.contains(own))
            && self.url.is_within(&other.url)
            && self.to.iter().all(named)
            && (!self.is_read || other.is_read || !self.methods.iter().any(changes))
    }

    /// What it allows, in words.
    pub fn explain(&self) -> String {
        let mut text = format!(
            "{} requests to {}",
            self.methods.join(", "),
            self.url.explain()
        );
        if !self.to.is_empty() {
            text.push_str(&format!(
                "; the name may also resolve to {}",
                join(&self.to)
            ));
        }
        if self.is_read {
            text.push_str("; they count as reads, so probes may make them");
        } else if self.methods.iter().any(|m| effect_of(m) == Effect::Mutate) {
            text.push_str("; probes may make only those that look (GET, HEAD, OPTIONS)");
        }
        text
    }
}

impl fmt::Display for HttpGrant {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", self.methods.join(","), self.url)?;
        if !self.to.is_empty() {
            write!(formatter, " to {}", join(&self.to))?;
        }
        formatter.write_str(if self.is_read { " as read" } else { "" })
    }
}

fn join(networks: &[IpNet]) -> String {
    let texts: Vec<String> = networks.iter().map(ToString::to_string).collect();
    texts.join(",")
}

/// Networks (`10.0.0.0/8`) or single addresses.
fn networks_of(text: &str) -> Result<Vec<IpNet>, String> {
    let mut networks = Vec::new();
    for part in super::list(text, "network")? {
        let network = part
            .parse::<IpNet>()
            .or_else(|_| part.parse::<IpAddr>().map(IpNet::from))
            .map_err(|_| format!("'{part}' is no network, such as 10.0.0.0/8, and no address"))?;
        if network.trunc() != network {
            return Err(format!(
                "'{part}' has bits behind its length: the network is {}",
                network.trunc()
            ));
        }
        let mapped = match network.addr() {
            IpAddr::V6(address) => address.to_ipv4_mapped(),
            IpAddr::V4(_) => None,
        };
        if let Some(address) = mapped {
            return Err(format!(
                "'{part}': write it as the IPv4 network of {address}"
            ));
        }
        if !networks.contains(&network) {
            networks.push(network);
        }
    }
    Ok(networks)
}
