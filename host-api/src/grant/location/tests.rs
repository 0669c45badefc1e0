#![expect(clippy::unwrap_used, reason = "a panic is a failed test")]
use super::*;
use proptest::prelude::*;

fn matches(pattern: &str, url: &str) -> bool {
    let pattern = UrlPattern::parse(pattern).unwrap();
    Url::parse(url).is_ok_and(|url| pattern.matches(&url))
}

#[test]
fn a_host_is_itself_and_a_suffix_is_what_stands_below_it() {
    for (pattern, url, expected) in [
        ("http://example.com/*", "http://example.com/x", true),
        ("http://example.com/*", "http://EXAMPLE.com/x", true),
        ("http://EXAMPLE.com/*", "http://example.com/x", true),
        ("http://example.com/*", "http://a.example.com/", false),
        ("http://example.com/*", "http://example.com.evil/", false),
        ("http://example.com/*", "http://evil-example.com/", false),
        ("http://example.com/*", "http://example.com./", false),
        ("http://example.com/*", "http://example.com@evil/", false),
        ("http://example.com/*", "http://example.com%2eevil/", false),
        ("http://example.com/*", "http://evil/example.com/", false),
        (
            "http://example.com/*",
            "http://evil?http://example.com/",
            false,
        ),
        ("http://example.com/*", "http://evil#@example.com/", false),
        ("http://example.com/*", "http://evil\\@example.com/", false),
        ("http://example.com/*", "http://user:pw@example.com/", true),
        ("http://example.com/*", "http://example%2Ecom/", true),
        ("http://example.com/*", "http://ｅxample.com/", true),
        ("http://*.example.com/*", "http://a.example.com/", true),
        ("http://*.example.com/*", "http://a.b.example.com/", true),
        ("http://*.example.com/*", "http://A.EXAMPLE.COM/", true),
        ("http://*.example.com/*", "http://example.com/", false),
        ("http://*.example.com/*", "http://.example.com/", false),
        ("http://*.example.com/*", "http://a..example.com/", false),
        ("http://*.example.com/*", "http://*.example.com/", false),
        ("http://*.example.com/*", "http://.a.example.com/", false),
        ("http://*.example.com/*", "http://evil-example.com/", false),
        ("http://*.example.com/*", "http://example.com.evil/", false),
        ("http://*.example.com/*", "http://a.example.com./", false),
        (
            "http://*.example.com/*",
            "http://a.example.com.evil/",
            false,
        ),
        ("http://*.0.0.1.example/*", "http://127.0.0.1/", false),
        (
            "http://bücher.example/*",
            "http://xn--bcher-kva.example/",
            true,
        ),
        (
            "http://xn--bcher-kva.example/*",
            "http://BÜCHER.example/",
            true,
        ),
        ("http://example.com/*", "http://exаmple.com/", false), // a Cyrillic letter
    ] {
        assert_eq!(matches(pattern, url), expected, "{pattern} {url}");
    }
}

/// What letters become is held to the same rules as what was written.
#[test]
fn a_host_in_other_letters_is_refused_where_it_would_be_another() {
    for pattern in [
        "http://h./*",
        "http://h\u{3002}/*",
        "http://h\u{ff0e}/*",
        "http://a\u{3002}\u{3002}b/*",
        "http://a..b/*",
        "http://*.\u{3002}b/*",
        "http://\u{ff0a}.example.com/*",
        "http://\u{fe61}.example.com/*",
    ] {
        assert!(UrlPattern::parse(pattern).is_err(), "{pattern}");
    }
    let same = UrlPattern::parse("http://a\u{3002}example/*").unwrap();
    assert_eq!(same.to_string(), "http://a.example/*");
}

#[test]
fn schemes_and_ports_are_exact_and_a_missing_port_is_the_schemes_own() {
    for (pattern, url, expected) in [
        ("http://h/*", "http://h:80/", true),
        ("http://h:80/*", "http://h/", true),
        ("https://h/*", "https://h:443/", true),
        ("https://h:443/*", "https://h/", true),
        ("http://h/*", "http://h:443/", false),
        ("http://h/*", "https://h/", false),
        ("http://h:443/*", "https://h/", false),
        ("https://h:80/*", "http://h/", false),
        ("http://h:8080/*", "http://h:8080/", true),
        ("http://h:8080/*", "http://h:8081/", false),
        ("http://h:8080/*", "http://h/", false),
        ("http://h/*", "http://h:0/", false),
        ("http://h/*", "http://h:/", true),
        ("http://h/*", "ftp://h:80/", false),
        ("http://h/*", "ws://h/", false),
    ] {
        assert_eq!(matches(pattern, url), expected, "{pattern} {url}");
    }
}

#[test]
fn an_address_is_itself_however_it_is_written() {
    for (pattern, url, expected) in [
        ("http://127.0.0.1/*", "http://127.0.0.1/", true),
        ("http://127.0.0.1/*", "http://2130706433/", true),
        ("http://127.0.0.1/*", "http://0x7f000001/", true),
        ("http://127.0.0.1/*", "http://0177.0.0.1/", true),
        ("http://127.0.0.1/*", "http://127.1/", true),
        ("http://127.0.0.1/*", "http://127.0.0.2/", false),
        ("http://127.0.0.1/*", "http://[::ffff:127.0.0.1]/", false),
        ("http://127.0.0.1/*", "http://[::127.0.0.1]/", false),
        ("http://127.0.0.1/*", "http://localhost/", false),
        ("http://localhost/*", "http://127.0.0.1/", false),
        ("http://localhost/*", "http://localhost./", false),
        ("http://8.8.8.8/*", "http://[64:ff9b::808:808]/", false),
        ("http://[::1]/*", "http://[0:0::0:1]/", true),
        ("http://[::1]/*", "http://127.0.0.1/", false),
        ("http://10.0.0.1/*", "http://167772161/", true),
        ("http://one.example/*", "http://2130706433/", false),
        ("http://one.example/*", "http://0x7f.1/", false),
    ] {
        assert_eq!(matches(pattern, url), expected, "{pattern} {url}");
    }
}

#[test]
fn a_path_is_itself_and_a_prefix_is_what_no_server_takes_for_something_else() {
    for (pattern, url, expected) in [
        ("http://h/a", "http://h/a", true),
        ("http://h/a", "http://h/a?any=query", true),
        ("http://h/a", "http://h/a#fragment", true),
        ("http://h/a", "http://h/a/", false),
        ("http://h/a", "http://h/ab", false),
        ("http://h/a", "http://h/A", false),
        ("http://h/a", "http://h/%61", true),
        ("http://h/%61", "http://h/a", true),
        ("http://h/a%2fb", "http://h/a%2Fb", true),
        ("http://h/a/b", "http://h/a%2Fb", false),
        ("http://h/a%2fb", "http://h/a/b", false),
        ("http://h/", "http://h", true),
        ("http://h/", "http://h/x", false),
        ("http://h/a/*", "http://h/a/", true),
        ("http://h/a/*", "http://h/a/b/c", true),
        ("http://h/a/*", "http://h/a", false),
        ("http://h/a/*", "http://h/ab", false),
        ("http://h/a*", "http://h/ab", true),
        ("http://h/a/*", "http://h/a/x y", true),
        ("http://h/a/*", "http://h/a/%C3%A9", true),
        // Resolved by the URL itself before anything is compared.
        ("http://h/a/*", "http://h/a/../b", false),
        ("http://h/a/*", "http://h/a/%2e%2e/b", false),
        ("http://h/a/*", "http://h/a/.%2E/b", false),
        ("http://h/a/*", "http://h/a\\..\\b", false),
        ("http://h/a/*", "http://h/b/../a/c", true),
        // Resolved by servers of some kind or other.
        ("http://h/a/*", "http://h/a/..%2fb", false),
        ("http://h/a/*", "http://h/a%2f..%2fb", false),
        ("http://h/a/*", "http://h/a/..%5cb", false),
        ("http://h/a/*", "http://h/a/%5c..%5cb", false),
        ("http://h/a/*", "http://h/a/%252e%252e/b", false),
        ("http://h/a/*", "http://h/a/..;x/b", false),
        ("http://h/a/*", "http://h/a/..;/b", false),
        ("http://h/a/*", "http://h/a/..%3b/b", false),
        ("http://h/a/*", "http://h/a/%00", false),
        ("http://h/a/*", "http://h/a/x%0d%0ay", false),
        ("http://h/a/*", "http://h/a/%c0%ae%c0%ae/b", false),
        ("http://h/a/*", "http://h/a/100%25", false),
        ("http://h/*", "http://h/a/..%2fb", true),
        ("http://h/*", "http://h/..;/b", true),
    ] {
        assert_eq!(matches(pattern, url), expected, "{pattern} {url}");
    }
}

#[test]
fn what_is_no_pattern_is_refused_with_the_reason() {
    for (pattern, reason) in [
        ("", "scheme://"),
        ("h/", "scheme://"),
        ("ftp://h/", "no scheme"),
        ("HTTP://h/", "did you mean 'http'?"),
        ("http://h", "no path"),
        ("http://h:8080", "no path"),
        ("http:///", "no host"),
        ("http://u:p@h/", "user and password"),
        ("http://*/", "a star"),
        ("http://a*.h/", "a star"),
        ("http://a.*.h/", "a star"),
        ("http://*.*.h/", "a star"),
        ("http://*.127.0.0.1/", "below an address"),
        ("http://h./", "dot at the end"),
        ("http://*.h./", "dot at the end"),
        ("http://h%2e/", "without escapes"),
        ("http://a b/", "no host"),
        ("http://h:0/", "no port"),
        ("http://h:/", "no port"),
        ("http://h:080/", "no port"),
        ("http://h:+80/", "no port"),
        ("http://h:65536/", "no port"),
        ("http://h:*/", "no port"),
        ("http://2130706433/", "write this address as 127.0.0.1"),
        ("http://0x7f.1/", "write this address as 127.0.0.1"),
        ("http://0177.0.0.1/", "write this address as 127.0.0.1"),
        ("http://::1/", "no host"),
        ("http://h/*/x", "at its end"),
        ("http://h/**", "at its end"),
        ("http://h/a?b", "query"),
        ("http://h/a#b", "query"),
        ("http://h/a\\b", "no path holds"),
        ("http://h/a/../b", "segments"),
        ("http://h/a/%2e%2e/b", "segments"),
        ("http://h/./*", "segments"),
        ("http://h/a%2f*", "another path"),
        ("http://h/a%5c*", "another path"),
        ("http://h/..;/*", "another path"),
    ] {
        let error = UrlPattern::parse(pattern).unwrap_err();
        assert!(error.contains(reason), "{pattern}: {error}");
    }
}

#[test]
fn within() {
    for (one, other, expected) in [
        ("http://h/a", "http://h/a", true),
        ("http://h/a", "http://h/*", true),
        ("http://h/a/*", "http://h/*", true),
        ("http://h/*", "http://h/a/*", false),
        ("http://h/*", "http://h/", false),
        ("http://h/a%2fb", "http://h/a*", false),
        ("http://a.h/*", "http://*.h/*", true),
        ("http://*.a.h/*", "http://*.h/*", true),
        ("http://*.h/*", "http://*.a.h/*", false),
        ("http://*.h/*", "http://h/*", false),
        ("http://h:81/*", "http://h/*", false),
        ("https://h/*", "http://h/*", false),
    ] {
        let of = |text| UrlPattern::parse(text).unwrap();
        assert_eq!(of(one).is_within(&of(other)), expected, "{one} {other}");
    }
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused_and_reads_the_same_again(text in "(http://)?.{0,30}") {
        if let Ok(pattern) = UrlPattern::parse(&text) {
            let shown = pattern.to_string();
            prop_assert_eq!(UrlPattern::parse(&shown).unwrap(), pattern, "{}", shown);
        }
    }

    /// Whatever the server makes of the path, it stays below the prefix.
    #[test]
    fn a_path_that_fits_a_prefix_means_no_other(path in "(/a/)?([a-c./;\\\\]|%2[eEfF5]|%5[cC]|%252[ef]){0,12}") {
        let Ok(url) = Url::parse(&format!("http://h{path}")) else {
            return Ok(());
        };
        if UrlPattern::parse("http://h/a/*").unwrap().matches(&url) {
            let mut seen = url.path().to_owned();
            for _ in 0..3 {
                seen = undone(&seen).replace('\\', "/");
                let mut folders: Vec<&str> = Vec::new();
                for segment in seen.split('/').skip(1) {
                    match segment.split(';').next().unwrap_or_default() {
                        ".." => {
                            prop_assert!(folders.len() > 1, "{}", url);
                            folders.pop();
                        }
                        "." => {}
                        name => folders.push(name),
                    }
                }
                prop_assert_eq!(folders.first(), Some(&"a"), "{}", url);
            }
        }
    }
}

fn undone(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        match escape(bytes, at).filter(|_| bytes[at] == b'%') {
            Some(value) => {
                out.push(value);
                at += 3;
            }
            None => {
                out.push(bytes[at]);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}
