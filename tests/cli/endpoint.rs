//! A chat endpoint on this machine, as good or as bad as a test wants it.

use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};

/// How a request is answered.
pub enum Reply {
    /// A status, headers and a body, as they should be.
    Http(u16, Vec<(&'static str, String)>, Vec<u8>),
    /// These bytes, then the end of the connection.
    Raw(Vec<u8>),
    /// Nothing, for as long as the client waits.
    Silence,
    /// These bytes, one by one, for as long as the client waits.
    Drip(Vec<u8>),
    /// This, then that again and again for as long as the client takes it.
    Endless(Vec<u8>, Vec<u8>),
}

/// One request as it came.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The request line and the headers.
    pub head: String,
    /// The body.
    pub body: Value,
}

/// A running endpoint. Its threads end with the test's process.
pub struct Endpoint {
    port: u16,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Endpoint {
    /// Answers the nth request, from 0, as `answer` says.
    pub fn new(answer: impl Fn(usize, &Asked) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (all, answer) = (Arc::clone(&asked), Arc::new(answer));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (all, answer) = (Arc::clone(&all), Arc::clone(&answer));
                std::thread::spawn(move || serve(&stream, &all, &*answer));
            }
        });
        Self { port, asked }
    }

    /// One that answers every request with a plan.
    pub fn of_plan(plan: &Value) -> Self {
        let body = completion(&plan.to_string());
        Self::new(move |_, _| Reply::Http(200, Vec::new(), body.clone()))
    }

    pub fn base_url(&self) -> String {
        format!("http://127.0.0.1:{}/v1", self.port)
    }

    /// What it was asked so far.
    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }
}

/// A chat completion with this text.
pub fn completion(content: &str) -> Vec<u8> {
    let usage = json!({ "prompt_tokens": 812, "completion_tokens": 143, "total_tokens": 955 });
    let message = json!({ "role": "assistant", "content": content });
    json!({ "id": "c", "choices": [{ "index": 0, "finish_reason": "stop", "message": message }], "usage": usage })
        .to_string()
        .into_bytes()
}

/// A head with a length that may be a lie.
pub fn head(status: u16, length: usize) -> Vec<u8> {
    format!("HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n").into_bytes()
}

fn serve(stream: &TcpStream, all: &Mutex<Vec<Asked>>, answer: &(dyn Fn(usize, &Asked) -> Reply + Send + Sync)) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    while let Ok(Some(asked)) = request(&mut reader) {
        let number = {
            let mut all = all.lock().unwrap();
            all.push(asked.clone());
            all.len() - 1
        };
        let goes_on = matches!(reply(stream, answer(number, &asked)), Ok(true));
        if !goes_on {
            return;
        }
    }
}

fn request(reader: &mut BufReader<TcpStream>) -> io::Result<Option<Asked>> {
    let (mut head, mut length) = (String::new(), 0);
    loop {
        let from = head.len();
        if reader.read_line(&mut head)? == 0 {
            return Ok(None);
        }
        let line = head[from..].to_ascii_lowercase();
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse().unwrap_or(0);
        }
        if line.trim().is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    Ok(Some(Asked { head, body: serde_json::from_slice(&body).unwrap_or_default() }))
}

/// Answers; true where the connection stays open.
fn reply(mut stream: &TcpStream, reply: Reply) -> io::Result<bool> {
    match reply {
        Reply::Http(status, headers, body) => {
            let mut text = format!("HTTP/1.1 {status} X\r\ncontent-length: {}\r\n", body.len());
            for (name, value) in headers {
                text += &format!("{name}: {value}\r\n");
            }
            stream.write_all((text + "\r\n").as_bytes())?;
            stream.write_all(&body)?;
            Ok(true)
        }
        Reply::Raw(bytes) => stream.write_all(&bytes).map(|()| false),
        Reply::Silence => {
            gone_within(stream, None)?;
            Ok(false)
        }
        Reply::Drip(bytes) => {
            for byte in bytes.iter().cycle() {
                stream.write_all(&[*byte])?;
                if gone_within(stream, Some(Duration::from_millis(20)))? {
                    break;
                }
            }
            Ok(false)
        }
        Reply::Endless(first, again) => {
            stream.write_all(&first)?;
            loop {
                stream.write_all(&again)?;
            }
        }
    }
}

/// Whether the client goes away within a time.
fn gone_within(mut stream: &TcpStream, time: Option<Duration>) -> io::Result<bool> {
    stream.set_read_timeout(time)?;
    match stream.read(&mut [0]) {
        Ok(0) => Ok(true),
        Ok(_) => Ok(false),
        Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => Ok(false),
        Err(error) => Err(error),
    }
}
