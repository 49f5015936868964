//! The page of a review in a real browser: headless Chromium, spoken to over its debugging pipe, so that what it loads, logs
//! and lays out is asked of it and not guessed.

use std::fs::{File, OpenOptions};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

use crate::harness::{Workspace, envelope, operator};
use crate::needs;

/// A page of A4 at 96 dots an inch, less the margins that browsers print with.
const PAPER: u32 = 718;

/// One browser with one page.
struct Browser {
    child: Child,
    asks: File,
    answers: BufReader<File>,
    session: String,
    asked: u64,
    events: Vec<Value>,
    _profile: tempfile::TempDir,
}

impl Browser {
    fn start() -> Self {
        needs("chromium", "apt-get install chromium");
        let profile = tempfile::tempdir().unwrap();
        let (to, from) = (profile.path().join("to"), profile.path().join("from"));
        assert!(Command::new("mkfifo").args([&to, &from]).status().unwrap().success());
        let mut args = vec![
            "--headless=new",
            "--remote-debugging-pipe",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
        ];
        // Root has no sandbox to be put into; everybody else keeps it.
        let id = Command::new("id").arg("-u").output().unwrap();
        if id.stdout.trim_ascii() == b"0" {
            args.push("--no-sandbox");
        }
        // The browser reads what it is asked from descriptor 3 and answers on descriptor 4.
        let child = Command::new("sh")
            .args(["-c", "to=$1 from=$2; shift 2; exec \"$0\" \"$@\" 3<\"$to\" 4>\"$from\"", "chromium"])
            .args([&to, &from])
            .args(args)
            .arg(format!("--user-data-dir={}", profile.path().join("profile").display()))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let asks = OpenOptions::new().write(true).open(&to).unwrap();
        let answers = BufReader::new(File::open(&from).unwrap());
        let (session, events) = (String::new(), Vec::new());
        let mut browser = Self { child, asks, answers, session, asked: 0, events, _profile: profile };
        let page = browser.ask("Target.createTarget", &json!({ "url": "about:blank" }));
        let attached = browser.ask("Target.attachToTarget", &json!({ "targetId": page["targetId"], "flatten": true }));
        attached["sessionId"].as_str().unwrap().clone_into(&mut browser.session);
        for domain in ["Page", "Network", "Log", "Runtime"] {
            browser.ask(&format!("{domain}.enable"), &json!({}));
        }
        browser
    }

    /// Asks for one thing and waits for the answer; what the browser tells meanwhile is kept.
    fn ask(&mut self, method: &str, params: &Value) -> Value {
        self.asked += 1;
        let mut message = json!({ "id": self.asked, "method": method, "params": params });
        if !self.session.is_empty() {
            message["sessionId"] = self.session.clone().into();
        }
        self.asks.write_all(format!("{message}\0").as_bytes()).unwrap();
        loop {
            let told = self.told();
            if told["id"] == self.asked {
                assert!(told["error"].is_null(), "{method}: {}", told["error"]);
                return told["result"].clone();
            }
            self.events.push(told);
        }
    }

    fn told(&mut self) -> Value {
        let mut bytes = Vec::new();
        self.answers.read_until(0, &mut bytes).unwrap();
        assert_eq!(bytes.pop(), Some(0), "the browser has ended");
        serde_json::from_slice(&bytes).unwrap()
    }

    fn open(&mut self, file: &Path) {
        self.events.clear();
        self.ask("Page.navigate", &json!({ "url": format!("file://{}", file.display()) }));
        while !self.events.iter().any(|event| event["method"] == "Page.loadEventFired") {
            let told = self.told();
            self.events.push(told);
        }
    }

    /// What an expression comes to.
    fn value(&mut self, expression: &str) -> Value {
        let said = self.ask("Runtime.evaluate", &json!({ "expression": expression, "returnByValue": true }));
        assert!(said["exceptionDetails"].is_null(), "{expression}: {said}");
        said["result"]["value"].clone()
    }

    /// A window of that width in that colour scheme, on screen or paper.
    fn show_as(&mut self, width: u32, scheme: &str, media: &str) {
        let size = json!({ "width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false });
        self.ask("Emulation.setDeviceMetricsOverride", &size);
        let features = json!([{ "name": "prefers-color-scheme", "value": scheme }]);
        self.ask("Emulation.setEmulatedMedia", &json!({ "media": media, "features": features }));
    }

    fn picture(&mut self) -> Vec<u8> {
        let shot = self.ask("Page.captureScreenshot", &json!({ "format": "png" }));
        decoded(shot["data"].as_str().unwrap())
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Base64 as the browser writes it.
fn decoded(text: &str) -> Vec<u8> {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let (mut out, mut bits, mut held) = (Vec::new(), 0_u32, 0);
    for letter in text.bytes().filter(|letter| *letter != b'=') {
        bits = bits << 6 | u32::try_from(LETTERS.iter().position(|other| *other == letter).unwrap()).unwrap();
        held += 6;
        if held >= 8 {
            held -= 8;
            out.push(u8::try_from(bits >> held & 0xff).unwrap());
        }
    }
    out
}

/// The smallest contrast of any text with what is behind it (WCAG 2).
const CONTRAST: &str = "(() => {
  const part = (c) => { c /= 255; return c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4; };
  const light = (rgb) => { const [r, g, b] = rgb.match(/\\d+/g).map(Number); return 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b); };
  const ground = light(getComputedStyle(document.body).backgroundColor);
  let least = 21;
  for (const element of document.querySelectorAll('body, body *')) {
    const ink = light(getComputedStyle(element).color);
    least = Math.min(least, (Math.max(ink, ground) + 0.05) / (Math.min(ink, ground) + 0.05));
  }
  return least;
})()";

/// What stands out of the window at the right.
const CUT_OFF: &str = "[...document.querySelectorAll('body *')].filter((element) => \
                       element.getBoundingClientRect().right > document.documentElement.clientWidth + 0.5 \
                       || element.scrollWidth > element.clientWidth + 1 && getComputedStyle(element).display !== 'inline') \
                       .map((element) => element.outerHTML.slice(0, 80))";

/// A review with words that want to be markup, long keys, and every verdict.
fn exported() -> Workspace {
    let workspace = Workspace::small();
    let body = "const p = ctx.envelope.payload; const act = (tool, key, value) => ({ tool, args: {}, entity_key: 'e:' + key, \
                idempotency_key: 'holder:' + key, value }); return { reasoning: p.note, actions: [act('order.hold', p.key, 40), \
                act('notify.send', p.key + ':notify', 1), act('order.hold', p.key + ':more', 900)] };";
    let code = operator("holder", "order.*", body).replace("['order.hold']", "['order.hold', 'notify.send']");
    workspace.write("operators/holder.ts", code);
    let policy = "- { tool: order.hold, decision: ALLOW, maxValue: 100 }\n- { tool: notify.send, decision: ALERT }\n";
    workspace.write("policy/trust.yaml", policy);
    let note = "<script>document.title = 'taken'</script><img src=http://127.0.0.1:9/x onerror=alert(1)>";
    let events = (1..30).map(|n| {
        let payload = json!({ "note": note, "key": format!("{}{}", "a-long-key-without-a-break".repeat(4), n / 2) });
        envelope(n, "order.created", &payload.to_string())
    });
    workspace.write("fixtures/a.jsonl", events.collect::<String>());
    workspace.ok(&["dev", "replay", "fixtures"]);
    workspace.ok(&["review", "export", "--unredacted", "-o", "r.review", "--html", "r.html"]);
    workspace
}

#[test]
fn the_page_of_a_review_is_read_in_a_browser() {
    let workspace = exported();
    let page = workspace.path("r.html").canonicalize().unwrap();
    let mut browser = Browser::start();
    browser.ask("Emulation.setScriptExecutionDisabled", &json!({ "value": true }));
    browser.show_as(1000, "light", "screen");
    browser.open(&page);

    let text = browser.value("document.body.innerText");
    let text = text.as_str().unwrap();
    for said in
        ["Review of run 1", "ALLOW", "ALERT", "BLOCK", "DEDUP", "value 900 > maxValue 100", "<script>document.title"]
    {
        assert!(text.contains(said), "{said}: {text}");
    }
    assert_eq!(browser.value("document.title"), "Review of run 1");
    assert_eq!(browser.value("document.querySelectorAll('script, img, link, iframe, [src], [onerror]').length"), 0);

    let mut pictures = Vec::new();
    for scheme in ["light", "dark"] {
        for width in [1000, 400] {
            browser.show_as(width, scheme, "screen");
            assert_eq!(browser.value(CUT_OFF), json!([]), "{scheme} at {width}");
            let contrast = browser.value(CONTRAST).as_f64().unwrap();
            assert!(contrast >= 4.5, "{scheme}: a contrast of {contrast:.2}");
        }
        let picture = browser.picture();
        assert!(picture.starts_with(b"\x89PNG") && picture.len() > 5_000, "{scheme}: {} bytes", picture.len());
        pictures.push(picture);
    }
    assert!(pictures[0] != pictures[1], "dark is not light");

    browser.show_as(PAPER, "dark", "print");
    assert_eq!(browser.value(CUT_OFF), json!([]), "on paper");
    assert_eq!(browser.value("getComputedStyle(document.body).backgroundColor"), "rgb(255, 255, 255)", "ink is saved");
    browser.ask("Emulation.setEmulatedMedia", &json!({ "media": "" }));
    let printed = browser.ask("Page.printToPDF", &json!({ "paperWidth": 8.27, "paperHeight": 11.69 }));
    let pdf = decoded(printed["data"].as_str().unwrap());
    let pages = pdf.windows(11).filter(|bytes| bytes.starts_with(b"/Type /Page") && bytes.len() == 11).count();
    assert!(pdf.starts_with(b"%PDF-") && pages > 3, "{pages} pages of {} bytes", pdf.len());

    let of = |method: &str| browser.events.iter().filter(|event| event["method"] == method).collect::<Vec<_>>();
    let asked: Vec<_> =
        of("Network.requestWillBeSent").iter().map(|event| &event["params"]["request"]["url"]).collect();
    assert_eq!(asked, [&json!(format!("file://{}", page.display()))], "nothing else is loaded");
    for method in ["Log.entryAdded", "Runtime.consoleAPICalled", "Runtime.exceptionThrown"] {
        assert!(of(method).is_empty(), "{:?}", of(method));
    }
}
