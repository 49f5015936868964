//! A caller that writes what it is told to, whatever that is, and reads what it is answered.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;

use serde_json::Value;

use crate::harness::{PATIENCE, Running};

/// Where a session listens.
#[derive(Debug, Clone, Copy)]
pub struct Http(pub u16);

/// What a request was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The first sentence of a refusal.
    pub fn told(&self) -> String {
        self.json()["diagnostics"][0]["message"].as_str().unwrap_or_default().to_owned()
    }

    /// What to do about it.
    pub fn help(&self) -> String {
        self.json()["diagnostics"][0]["help"].as_str().unwrap_or_default().to_owned()
    }
}

pub const JSON: &str = "content-type: application/json\r\n";
pub const LINES: &str = "content-type: application/x-ndjson\r\n";

/// An event that holds an order, as short as it may be.
pub fn event(order: &str) -> String {
    format!(r#"{{"source":"shop","event_type":"order.created","payload":{{"order_id":"{order}"}}}}"#)
}

impl Http {
    /// The address that a session says.
    pub fn of(dev: &mut Running) -> Self {
        let line = dev.wait_for("listening on http://127.0.0.1:");
        let port = line.rsplit(':').next().unwrap().split(',').next().unwrap();
        Self(port.trim().parse().unwrap())
    }

    pub fn connect(self) -> TcpStream {
        let socket = TcpStream::connect(("127.0.0.1", self.0)).unwrap();
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        socket.set_write_timeout(Some(PATIENCE)).unwrap();
        socket
    }

    /// Sends bytes as they are, and reads the answer.
    pub fn raw(self, bytes: &[u8]) -> Answer {
        let mut socket = self.connect();
        socket.write_all(bytes).unwrap();
        answer(&mut BufReader::new(socket)).unwrap()
    }

    pub fn post(self, path: &str, head: &str, body: &str) -> Answer {
        self.send(path, head, body).unwrap()
    }

    /// The same, from a session that may be killed meanwhile.
    pub fn send(self, path: &str, head: &str, body: &str) -> Option<Answer> {
        let mut socket = TcpStream::connect(("127.0.0.1", self.0)).ok()?;
        socket.set_read_timeout(Some(PATIENCE)).ok()?;
        let length = body.len();
        let host = if format!("\n{head}").to_lowercase().contains("\nhost:") { "" } else { "host: localhost\r\n" };
        let text = format!("POST {path} HTTP/1.1\r\n{host}{head}content-length: {length}\r\n\r\n{body}");
        socket.write_all(text.as_bytes()).ok()?;
        answer(&mut BufReader::new(socket))
    }

    /// A stream of events.
    pub fn stream(self, query: &str, head: &str) -> Events {
        let mut socket = self.connect();
        let text = format!("GET /v1/events/stream{query} HTTP/1.1\r\nhost: localhost\r\n{head}\r\n");
        socket.write_all(text.as_bytes()).unwrap();
        let mut reader = BufReader::new(socket);
        let head = read_head(&mut reader).unwrap();
        assert!(head.starts_with("HTTP/1.1 200"), "{head}");
        Events { reader, text: String::new() }
    }
}

fn read_head(reader: &mut BufReader<TcpStream>) -> Option<String> {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head).ok()? == 0 {
            return None;
        }
    }
    Some(head)
}

/// Reads one answer; none where the connection ends before it.
pub fn answer(reader: &mut BufReader<TcpStream>) -> Option<Answer> {
    let head = read_head(reader)?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    let length = head.to_lowercase().split("content-length: ").nth(1)?.split('\r').next()?.parse().ok()?;
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(Answer { status, head, body: String::from_utf8(body).ok()? })
}

/// Server-sent events as they come.
pub struct Events {
    reader: BufReader<TcpStream>,
    text: String,
}

impl Events {
    /// The next event: its id, and its data.
    pub fn next(&mut self) -> (String, Value) {
        loop {
            while let Some((event, rest)) = self.text.split_once("\n\n") {
                let field = |name: &str| event.lines().find_map(|line| line.strip_prefix(name)).map(str::to_owned);
                let found = (field("id: "), field("data: "));
                self.text = rest.to_owned();
                if let (Some(id), Some(data)) = found {
                    return (id, serde_json::from_str(&data).unwrap());
                }
            }
            self.chunk();
        }
    }

    /// Events up to one that tells the fact `name`.
    pub fn until(&mut self, name: &str) -> Vec<(String, Value)> {
        let mut all = Vec::new();
        loop {
            let (id, data) = self.next();
            let found = data["fact"].get(name).is_some();
            all.push((id, data));
            if found {
                return all;
            }
        }
    }

    fn chunk(&mut self) {
        let mut length = String::new();
        self.reader.read_line(&mut length).unwrap();
        let length = usize::from_str_radix(length.trim(), 16).unwrap_or_else(|_| panic!("no chunk: {length:?}"));
        assert!(length > 0, "the stream ended: {}", self.text);
        let mut bytes = vec![0; length + 2];
        self.reader.read_exact(&mut bytes).unwrap();
        self.text.push_str(std::str::from_utf8(&bytes[..length]).unwrap());
    }
}
