//! Messages on their way from the outbox to a mail server or to the demo's mailbox. The tests set the clock; the mail server listens on a
//! real socket.

mod box_office;
mod guests;
mod letters;
mod relabelled;
mod sending;

use crate::common::TestServer;
use crate::common::smtp::{Smtp, Tried};
use fairseat_domain::time::{Millis, Timestamp};
use fairseat_engine::Clock;
use fairseat_messages::{Mailer, MailerOptions, SmtpUrl};
use fairseat_server::Server;
use fairseat_server::config::Settings;
use mail_parser::{MessageParser, MimeHeaders as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// A clock that tests advance by hand. It starts later than the times of all messages.
#[derive(Debug)]
pub(crate) struct ManualClock(AtomicI64);

impl ManualClock {
    fn pass(&self, seconds: i64) {
        self.0.fetch_add(seconds * 1_000, Ordering::Relaxed);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::Relaxed))
    }
}

/// The mailer of a server.
pub(crate) struct TestMailer {
    pub(crate) mailer: Arc<Mailer>,
    clock: Arc<ManualClock>,
}

impl TestMailer {
    /// A mailer that sends to the mail server at this address, or as `server` is configured.
    pub(crate) fn of(server: &TestServer, smtp: Option<&Smtp>) -> Self {
        let mut settings: Settings = server.server.settings.as_ref().clone();
        if let Some(smtp) = smtp {
            let url = format!("smtp://tickets:planted-password@{}", smtp.address);
            settings.smtp_url = Some(SmtpUrl::given(&url).unwrap());
            settings.mail_from = Some("Box Office <tickets@fairseat.test>".parse().unwrap());
        }
        let transport = Server::transport(&settings).unwrap().unwrap();
        let later = server.app.now().plus(Millis::from_seconds(60));
        let clock = Arc::new(ManualClock(AtomicI64::new(later.as_millis())));
        let mailer = Mailer::new(MailerOptions {
            store: server.store().clone(),
            transport,
            composer: server.app.clone(),
            observer: server.app.metrics.clone(),
            base_url: server.app.base_url.clone(),
            clock: clock.clone(),
        });
        Self { mailer, clock }
    }

    /// Sends everything that is due; returns how many messages were due.
    pub(crate) async fn send(&self) -> usize {
        let mut tried = 0;
        loop {
            match self.mailer.clone().round().await.unwrap() {
                0 => return tried,
                more => tried += more,
            }
        }
    }

    /// As [`Self::send`], some seconds later.
    pub(crate) async fn send_after(&self, seconds: i64) -> usize {
        self.clock.pass(seconds);
        self.send().await
    }
}

/// A message as a mail program reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct ReceivedMessage {
    id: String,
    from: String,
    to: String,
    subject: String,
    text: String,
    html: String,
    auto_submitted: String,
    /// The attached files, by name.
    files: Vec<(String, Vec<u8>)>,
}

impl ReceivedMessage {
    fn of(bytes: &[u8]) -> Self {
        let message = MessageParser::default().parse(bytes).unwrap();
        let address = |list: Option<&mail_parser::Address<'_>>| {
            let first = list.unwrap().first().unwrap();
            let name = first.name().map(|name| format!("{name} ")).unwrap_or_default();
            format!("{name}<{}>", first.address().unwrap())
        };
        let file = |part: &mail_parser::MessagePart<'_>| {
            let name = part.attachment_name().unwrap().to_owned();
            let kind = if name.ends_with(".ics") { "calendar" } else { "pdf" };
            assert_eq!(part.content_type().unwrap().subtype(), Some(kind), "{name}");
            (name, part.contents().to_vec())
        };
        let files: Vec<_> = message.attachments().map(file).collect();
        let around = usize::from(!files.is_empty());
        assert_eq!(message.parts.len(), 3 + around + files.len(), "two forms of one thing");
        Self {
            id: message.message_id().unwrap().to_owned(),
            from: address(message.from()),
            to: address(message.to()),
            subject: message.subject().unwrap().to_owned(),
            text: message.body_text(0).unwrap().replace('\r', ""),
            html: message.body_html(0).unwrap().replace('\r', ""),
            auto_submitted: message.header("Auto-Submitted").unwrap().as_text().unwrap().to_owned(),
            files,
        }
    }
}

impl ReceivedMessage {
    /// The names of the attached files.
    fn file_names(&self) -> Vec<&str> {
        self.files.iter().map(|(name, _)| name.as_str()).collect()
    }

    /// The lines of the attached calendar entry that begin with one of these words.
    fn calendar_lines(&self, words: &[&str]) -> Vec<String> {
        let (_, file) = self.files.iter().find(|(name, _)| name == "event.ics").unwrap();
        let unfolded = String::from_utf8(file.clone()).unwrap().replace("\r\n ", "");
        let wanted = |line: &&str| words.iter().any(|word| line.starts_with(word));
        unfolded.split("\r\n").filter(wanted).map(str::to_owned).collect()
    }
}

impl Smtp {
    /// The messages received since the last call, parsed. Refused commands are left out.
    fn received(&self) -> Vec<ReceivedMessage> {
        let taken = |tried| match tried {
            Tried::Sent(bytes) => Some(ReceivedMessage::of(&bytes)),
            Tried::Refused(_) => None,
        };
        self.tried.try_iter().filter_map(taken).collect()
    }
}

impl TestServer {
    /// The value of a metric, by name with labels; 0 if it does not exist yet.
    async fn metric(&self, name: &str) -> f64 {
        let text = String::from_utf8(self.anonymous().get("/metrics").await.bytes).unwrap();
        let value = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        value.map_or(0.0, |value| value.parse().unwrap())
    }
}
