//! `docs/query.md`: the query language, its fields read off the code that answers them.

use fibric_console::console::RowRecord;
use fibric_console::kernel::envelope::EventEnvelope;
use fibric_console::kernel::receipt::Receipt;
use fibric_console::query::{Query, Record};
use fibric_console::replayer::search::ActionRecord;
use fibric_console::serve::EntryRecord;

use crate::hold;

const INTRODUCTION: &str = "# Queries

One language in the console's lists and at what a replay breaks on (`/`), in `--where` and in reports. Terms stand side by side and must all hold; `or`
between them begins another choice:

```text
decision:block tool:order.* value:>100 corr:9f31 -operator:order-risk late
decision:block value:>100 or outcome:failed
```

| term | holds when |
|---|---|
| `field:value` | the field is that value; case does not matter, and a number is the same however it is spelt: `value:100` is 100.00 |
| `field:order.*` | the same, with `*` for any run of characters |
| `field:>100` | the field is a number above that; `<`, `<=` and `>=` likewise, compared exactly |
| `id:rc_12` | an id begins like that |
| `word` | the word stands anywhere in the record; `text:word` is the same |
| `\"two words\"` | quotes keep blanks: `reason:\"no rule matched\"` |
| `-term` | the term does not hold |
| `a b or c d` | both `a` and `b` hold, or both `c` and `d`; `\"or\"` in quotes is the word |

A field that a record does not have does not hold, and `-` before it does. Text that is a number counts as one, both for
`:` and for `>`: a payload's `\"total\": \"412.50\"` is found by `payload.total:412.5` and by `payload.total:>400`; `\"007\"` is
no number. Where a field has only some values, any other is an error that names the nearest. An empty query lets
everything through. A query that begins with `-` is given like any other: `--where '-decision:allow'`.
";

fn fields<R: Record>(title: &str, examples: &[&str]) -> String {
    let rows = R::FIELDS.iter().map(|field| format!("| `{}` | {} |\n", field.name, field.doc));
    for example in examples {
        Query::parse::<R>(example).unwrap();
    }
    let examples: Vec<_> = examples.iter().map(|example| format!("`{example}`")).collect();
    let rows: String = rows.collect();
    format!("\n## {title}\n\nFor example {}.\n\n| field | what |\n|---|---|\n{rows}", examples.join(", "))
}

#[test]
fn the_query_page_names_every_field() {
    let page = [
        INTRODUCTION.to_owned(),
        fields::<RowRecord<'_>>("The console's list", &["outcome:refused", "reason:*maxValue* value:>100"]),
        fields::<ActionRecord<'_>>(
            "What the Replay screen breaks on",
            &["decision:block", "stage:policy tool:order.refund value:>100"],
        ),
        fields::<Receipt>("`fibric receipts`", &["decision:dedup", "tool:order.* -outcome:applied"]),
        fields::<EventEnvelope>(
            "`fibric dev replay` and `receipts export --envelopes`",
            &["type:order.* payload.total:>100", "event:6a1e"],
        ),
        fields::<EntryRecord<'_>>(
            "`GET /v1/events/stream?where=…`",
            &["fact:disposed decision:block", "type:order.* -fact:routed"],
        ),
    ];
    hold("docs/query.md", &page.concat());
}
