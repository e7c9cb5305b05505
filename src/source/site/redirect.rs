//! Which redirects are followed.

use reqwest::header::HeaderValue;
use url::Url;

use super::fault::Fault;
use super::shown;

/// How many redirects are followed for one page.
pub(super) const MAX_REDIRECTS: usize = 5;

/// Where a redirect leads: within the same host, and never from `https` to `http`. Credentials
/// stay with the scheme, host and port that they were given for.
pub(super) fn target(from: &Url, location: Option<&HeaderValue>) -> Result<Url, Fault> {
    let location = location.and_then(|value| value.to_str().ok()).unwrap_or_default();
    let named = (!location.is_empty()).then(|| from.join(location).ok()).flatten();
    let Some(mut to) = named else {
        return Err(Fault::Final("it redirects without saying where to".to_owned()));
    };
    let refused = |why: &str| {
        Err(Fault::Final(format!("it redirects from {} to {}, {why}", shown(from), shown(&to))))
    };
    if !matches!(to.scheme(), "http" | "https") || to.host_str() != from.host_str() {
        return refused("which is another host");
    }
    if from.scheme() == "https" && to.scheme() == "http" {
        return refused("which is not encrypted");
    }
    to.set_fragment(None);
    let same_origin = to.origin() == from.origin();
    let (user, password) =
        if same_origin { (from.username(), from.password()) } else { ("", None) };
    to.set_username(user).expect("an http address can have a user name");
    to.set_password(password).expect("an http address can have a password");
    Ok(to)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn redirect(from: &str, location: &str) -> Result<String, String> {
        let from = Url::parse(from).unwrap();
        match target(&from, HeaderValue::from_str(location).ok().as_ref()) {
            Ok(url) => Ok(url.into()),
            Err(Fault::Final(reason)) => Err(reason),
            Err(other) => panic!("{other:?}"),
        }
    }

    #[test]
    fn redirects_stay_within_the_host() {
        let page = "https://docs.example/ug/a.html";
        assert_eq!(redirect(page, "b.html").unwrap(), "https://docs.example/ug/b.html");
        assert_eq!(redirect(page, "/b.html#x").unwrap(), "https://docs.example/b.html");
        assert_eq!(redirect("http://docs.example/a", page).unwrap(), page);
        let elsewhere = redirect(page, "//other.example/a.html").unwrap_err();
        assert!(elsewhere.contains(page) && elsewhere.contains("https://other.example/a.html"));
        assert!(redirect(page, "http://docs.example/ug/a.html").unwrap_err().contains("encrypted"));
        assert!(redirect(page, "file:///etc/passwd").unwrap_err().contains("another host"));
        assert!(redirect(page, "").unwrap_err().contains("without saying where"));
    }

    #[test]
    fn credentials_stay_with_their_origin() {
        let page = "https://me:secret@docs.example/a.html";
        assert_eq!(redirect(page, "/b").unwrap(), "https://me:secret@docs.example/b");
        assert_eq!(
            redirect(page, "https://docs.example/b").unwrap(),
            "https://me:secret@docs.example/b"
        );
        assert_eq!(
            redirect(page, "https://docs.example:8443/b").unwrap(),
            "https://docs.example:8443/b"
        );
        let refused = redirect(page, "https://other.example/").unwrap_err();
        assert!(!refused.contains("secret"), "{refused}");
    }
}
