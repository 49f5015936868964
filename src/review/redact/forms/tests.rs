//! What is found, and what is left.

use proptest::prelude::*;

use super::*;

fn forms(text: &str) -> Vec<(&str, &str)> {
    find(text).into_iter().map(|(range, form)| (&text[range], form)).collect()
}

#[test]
fn each_form_is_found_where_it_stands() {
    for (text, found) in [
        ("write to <jane.doe+x@acme.co.uk>.", &[("jane.doe+x@acme.co.uk", EMAIL)][..]),
        ("call +44 20 7946 0958, or (555) 010-9999", &[("+44 20 7946 0958", PHONE), ("(555) 010-9999", PHONE)]),
        ("Tel. 030/9018-2000 or 01 23 45 67 89", &[("030/9018-2000", PHONE), ("01 23 45 67 89", PHONE)]),
        ("card 4111 1111 1111 1111", &[("4111 1111 1111 1111", CARD)]),
        ("sk_live_4eC39HqLyjWDarjtT1zdp7dc", &[("sk_live_4eC39HqLyjWDarjtT1zdp7dc", TOKEN)]),
        ("customer:jane@acme.io", &[("jane@acme.io", EMAIL)]),
        ("to GB29 NWBK 6016 1331 9268 19 today", &[("GB29 NWBK 6016 1331 9268 19", ACCOUNT)]),
        ("a DE89370400440532013000 b", &[("DE89370400440532013000", ACCOUNT)]),
        ("SSN 078-05-1120, CPF 529.982.247-25", &[("078-05-1120", IDENTITY), ("529.982.247-25", IDENTITY)]),
        ("from 203.0.113.77", &[("203.0.113.77", NETWORK)]),
        ("postgres://app:s3cr3t@db:5432/x", &[("app", TOKEN), ("s3cr3t", TOKEN)]),
        ("password=hunter2; retry=3", &[("hunter2", TOKEN)]),
        ("DB_PASSWORD: 'p@ss w0rd!'", &[("p@ss w0rd!", TOKEN)]),
        ("\"api_key\":\"k-998877\"", &[("k-998877", TOKEN)]),
    ] {
        assert_eq!(forms(text), found, "{text}");
    }
}

#[test]
fn what_only_looks_alike_is_left() {
    for text in [
        "2026-07-04",
        "2026-01-01T00:00:00Z",
        "SO-10884",
        "412.50",
        "4c91630e-1629-5481-8351-a57cf8702047",
        "9f31c4d8-2b7e-4a55-8d20-1f0a9e3b6c77",
        "order.created",
        "hold:SO-10884:2026-07-04",
        "4111111111111112",
        "a@b",
        "@acme.io",
        "1.10.200",
        "1.2.3.4",
        "978-3-16-148410-0",
        "4006381333931",
        "112-3941689-8772232",
        "DE89370400440532013001",
        "the token: it expires, and the password: unknown",
        "token_type: bearer",
        "Basic information is missing",
        "npm install react@18.2.0 https://example.com/a@b",
        "OrderReturnedEventHandlerFactoryBean2026",
        "529.982.247-26",
        "",
    ] {
        assert_eq!(forms(text), [], "{text}");
    }
}

proptest! {
    #[test]
    fn no_text_breaks_it(text in any::<String>()) {
        let mut before = 0;
        for (range, _) in find(&text) {
            prop_assert!(range.start >= before && range.start < range.end && text.get(range.clone()).is_some());
            before = range.end;
        }
    }

    /// Ids, digests, times, versions and amounts are what a review is read by.
    #[test]
    fn ids_times_and_amounts_are_left(
        text in prop_oneof![
            "[0-9a-f]{8}-[0-9a-f]{4}-[1-5][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}",
            "(sha256:)?[0-9a-f]{40,64}",
            "20[0-9]{2}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9](\\.[0-9]{3})?Z",
            "v?[0-9]{1,2}\\.[0-9]{1,2}\\.[0-9]{1,2}(-rc\\.[0-9])?",
            "[1-9][0-9]{0,6}\\.[0-9]{2}",
            "[A-Z]{2,4}-[0-9]{4,9}",
            "[A-Z]{2}-[0-9]{4}-[0-9]{2}-[0-9]{2}",
            "1[0-9]{12}",
            "1[0-9]{17}",
            "[0-7][0-9A-HJKMNP-TV-Z]{25}",
            "[a-z]{3,8}(\\.[a-z]{3,8}){1,3}",
            "rc_[0-9]{1,3}_[0-9]{1,5}",
            "[a-z]{3,8}:[A-Z]{2}-[0-9]{4,6}:[a-z]{3,8}",
        ]
    ) {
        prop_assert_eq!(forms(&text), []);
        let sentence = format!("late: {text}, see there");
        prop_assert_eq!(forms(&sentence), []);
    }

    #[test]
    fn contacts_and_secrets_are_found(
        before in "[a-z ]{0,8}",
        text in prop_oneof![
            "[a-z]{1,8}(\\.[a-z]{1,8})?@[a-z]{2,8}\\.(com|io|co\\.uk|example)",
            "\\+[1-9][0-9]{1,2} [0-9]{2,3} [0-9]{3} [0-9]{3,4}",
            "\\([0-9]{3}\\) [0-9]{3}-[0-9]{4}",
            "AKIA[0-9A-Z]{16}",
            "ghp_[0-9A-Za-z]{36}",
            "eyJ[0-9A-Za-z]{20}\\.[0-9A-Za-z]{30}\\.[0-9A-Za-z_]{43}",
            "sk_(live|test)_[0-9A-Za-z]{24}",
        ]
    ) {
        let sentence = format!("{before} {text} end");
        let found = find(&sentence);
        prop_assert_eq!(found.len(), 1, "{}", sentence);
        prop_assert_eq!(&sentence[found[0].0.clone()], text.as_str());
    }
}
