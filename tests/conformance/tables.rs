//! Policies and actions chosen by hand: what the documentation tells of, and where readers have gone wrong.

/// Policies, and the actions each is tried on: connector, tool, value, whether it came through a float.
pub const TABLES: &[(&str, &str, &[Action])] = &[
    ("no policies", "[]", &[("acme-wms", "order.hold", "", false), ("acme-wms", "order.refund", "5", false)]),
    (
        "a shop",
        r#"[{"tool":"order.hold","decision":"ALLOW"},{"tool":"notify.send","decision":"ALERT"},
            {"connector":"cn-brightdesk","tool":"order.refund","maxValue":"100","decision":"ALLOW"}]"#,
        &[
            ("acme-wms", "order.hold", "", false),
            ("", "order.hold", "", false),
            ("acme-wms", "notify.send", "", false),
            ("acme-wms", "order.delete", "", false),
            ("cn-brightdesk", "order.refund", "250", false),
            ("cn-brightdesk", "order.refund", "100", false),
            ("cn-brightdesk", "order.refund", "100.00", false),
            ("cn-brightdesk", "order.refund", "1e2", false),
            ("cn-brightdesk", "order.refund", "100.01", false),
            ("cn-brightdesk", "order.refund", "100.00000000000000000001", false),
            ("cn-brightdesk", "order.refund", "0", false),
            ("cn-brightdesk", "order.refund", "-0", false),
            ("cn-brightdesk", "order.refund", "-5", false),
            ("cn-brightdesk", "order.refund", "-1e-400", false),
            ("cn-brightdesk", "order.refund", "1e400", false),
            ("cn-brightdesk", "order.refund", "", false),
            ("acme-wms", "order.refund", "5", false),
            ("", "order.refund", "5", false),
        ],
    ),
    (
        "a ceiling at two to the 53",
        r#"[{"tool":"payment.capture","maxValue":"9007199254740992","decision":"ALLOW"}]"#,
        &[
            ("pay", "payment.capture", "9007199254740991", false),
            ("pay", "payment.capture", "9007199254740992", false),
            ("pay", "payment.capture", "9007199254740993", false),
            ("pay", "payment.capture", "9007199254740991", true),
            ("pay", "payment.capture", "9007199254740992", true),
            ("pay", "payment.capture", "-9007199254740992", true),
        ],
    ),
    (
        "rules of every reach",
        r#"[{"decision":"ALLOW"},{"connector":"a","decision":"ALERT"},{"tool":"order.cancel","decision":"BLOCK"},
            {"connector":"b","tool":"order.refund","maxValue":"10","decision":"ALLOW"}]"#,
        &[
            ("a", "order.read", "", false),
            ("b", "order.read", "", false),
            ("", "order.read", "", false),
            ("a", "order.cancel", "", false),
            ("b", "order.refund", "10", false),
            ("b", "order.refund", "11", false),
            ("b", "order.refund", "", false),
            ("a", "order.refund", "11", false),
            ("A", "order.read", "", false),
        ],
    ),
    (
        "the last rule blocks",
        r#"[{"tool":"order.hold","decision":"ALLOW"},{"tool":"order.hold","decision":"ALERT"},
            {"tool":"order.hold","decision":"BLOCK"}]"#,
        &[("acme-wms", "order.hold", "", false)],
    ),
    (
        "the first rule alerts",
        r#"[{"tool":"order.hold","decision":"ALERT"},{"tool":"order.hold","decision":"ALLOW"},
            {"tool":"order.hold","decision":"ALERT"}]"#,
        &[("acme-wms", "order.hold", "", false)],
    ),
    (
        "two ceilings, the lower one second",
        r#"[{"tool":"order.refund","maxValue":"100","decision":"ALLOW"},
            {"connector":"a","maxValue":"50","decision":"ALERT"}]"#,
        &[
            ("a", "order.refund", "40", false),
            ("a", "order.refund", "75", false),
            ("a", "order.refund", "120", false),
            ("b", "order.refund", "75", false),
            ("a", "order.hold", "", false),
        ],
    ),
    (
        "a blocking rule with a ceiling",
        r#"[{"tool":"order.refund","maxValue":"100","decision":"BLOCK"}]"#,
        &[("a", "order.refund", "5", false), ("a", "order.refund", "500", false), ("a", "order.refund", "", false)],
    ),
    (
        "a ceiling of zero",
        r#"[{"tool":"order.refund","maxValue":"0","decision":"ALLOW"}]"#,
        &[
            ("a", "order.refund", "0", false),
            ("a", "order.refund", "0.01", false),
            ("a", "order.refund", "-0.01", false),
        ],
    ),
    (
        "a true predicate",
        r#"[{"tool":"t.x","predicate":{"returns":true},"decision":"ALERT"}]"#,
        &[("a", "t.x", "", false)],
    ),
    (
        "a false predicate",
        r#"[{"tool":"t.x","predicate":{"returns":false},"decision":"ALLOW"}]"#,
        &[("a", "t.x", "", false)],
    ),
    (
        "a truthy predicate",
        r#"[{"tool":"t.x","predicate":{"returns":1},"decision":"ALLOW"}]"#,
        &[("a", "t.x", "", false)],
    ),
    (
        "a string predicate",
        r#"[{"tool":"t.x","predicate":{"returns":"true"},"decision":"ALLOW"}]"#,
        &[("a", "t.x", "", false)],
    ),
    (
        "a null predicate",
        r#"[{"tool":"t.x","predicate":{"returns":null},"decision":"ALLOW"}]"#,
        &[("a", "t.x", "", false)],
    ),
    (
        "a throwing predicate",
        r#"[{"tool":"t.x","predicate":{"throws":"boom"},"decision":"ALLOW"}]"#,
        &[("a", "t.x", "", false)],
    ),
    (
        "a slow predicate",
        r#"[{"tool":"t.x","predicate":{"times_out":true},"decision":"ALLOW"}]"#,
        &[("a", "t.x", "", false)],
    ),
    (
        "a predicate under a ceiling",
        r#"[{"tool":"t.x","maxValue":"5","predicate":{"returns":true},"decision":"ALLOW"}]"#,
        &[("a", "t.x", "5", false), ("a", "t.x", "6", false)],
    ),
    (
        "a false predicate on another tool",
        r#"[{"tool":"t.y","predicate":{"returns":false},"decision":"ALLOW"},{"tool":"t.x","decision":"ALLOW"}]"#,
        &[("a", "t.x", "", false)],
    ),
];

pub type Action = (&'static str, &'static str, &'static str, bool);
