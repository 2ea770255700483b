//! A mail server for tests. It accepts and keeps every message, unless the test made it refuse a command. It speaks the part of SMTP that a
//! client with a password needs: EHLO, AUTH PLAIN, MAIL, RCPT, DATA, RSET, NOOP, QUIT (RFC 5321, RFC 4954).

use std::collections::VecDeque;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};

/// Something a client tried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Tried {
    /// A message, as received.
    Sent(Vec<u8>),
    /// A command that was refused.
    Refused(String),
}

/// A command and the answer to be given once instead of the usual one.
type Refusals = Arc<Mutex<VecDeque<(&'static str, &'static str)>>>;

/// A running mail server; it ends with the test.
#[derive(Debug)]
pub(crate) struct Smtp {
    pub(crate) address: SocketAddr,
    pub(crate) tried: Receiver<Tried>,
    refusals: Refusals,
}

impl Smtp {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (sender, tried) = channel();
        let refusals = Refusals::default();
        let known = refusals.clone();
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let (sender, refusals) = (sender.clone(), known.clone());
                // An error only means that the client hung up.
                std::thread::spawn(move || drop(converse(client, &sender, &refusals)));
            }
        });
        Self { address, tried, refusals }
    }

    /// Answers the next command of this name with `answer`; a dot stands for the end of a message.
    pub(crate) fn refuse(&self, command: &'static str, answer: &'static str) {
        self.refusals.lock().unwrap().push_back((command, answer));
    }
}

fn converse(client: TcpStream, tried: &Sender<Tried>, refusals: &Refusals) -> std::io::Result<()> {
    let mut lines = BufReader::new(client.try_clone()?);
    let say = |answer: &str| (&client).write_all(format!("{answer}\r\n").as_bytes());
    say("220 mail.test")?;
    loop {
        let mut line = String::new();
        if lines.read_line(&mut line)? == 0 {
            return Ok(());
        }
        let command = line.get(..4).unwrap_or_default().to_uppercase();
        if let Some(answer) = refusal(refusals, &command) {
            // The receiver is gone if the test has ended.
            drop(tried.send(Tried::Refused(command)));
            say(answer)?;
            continue;
        }
        match command.as_str() {
            "EHLO" => say("250-mail.test\r\n250-8BITMIME\r\n250 AUTH PLAIN")?,
            "AUTH" => say("235 Welcome")?,
            "QUIT" => return say("221 Bye"),
            "DATA" => {
                say("354 Go on")?;
                drop(tried.send(Tried::Sent(message(&mut lines)?)));
                say(refusal(refusals, ".").unwrap_or("250 Taken"))?;
            }
            _ => say("250 OK")?,
        }
    }
}

fn refusal(refusals: &Refusals, command: &str) -> Option<&'static str> {
    let mut refusals = refusals.lock().unwrap();
    let next = refusals.front().is_some_and(|(refused, _)| *refused == command);
    if next { refusals.pop_front().map(|(_, answer)| answer) } else { None }
}

/// The data after DATA, with SMTP's dot-stuffing removed.
fn message(lines: &mut BufReader<TcpStream>) -> std::io::Result<Vec<u8>> {
    let mut message = Vec::new();
    loop {
        let mut line = Vec::new();
        lines.read_until(b'\n', &mut line)?;
        if line == b".\r\n" {
            return Ok(message);
        }
        message.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
    }
}
