//! A viewer of the live feed over a real socket, with the seat map that it builds from the feed.

use crate::common::within_patience;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures::StreamExt;
use serde_json::Value;
use std::net::SocketAddr;
use tokio::net::{TcpSocket, TcpStream};
use tokio::sync::watch;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message};

/// The status of every seat in a version.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct SeatMap {
    pub(super) version: u64,
    pub(super) seats: Vec<u8>,
}

impl SeatMap {
    /// The map from a full answer of `availability`.
    pub(super) fn of(availability: &Value) -> Self {
        let mut map = Self::default();
        map.take(availability);
        map
    }

    /// Applies an answer of `availability` or a message of the feed.
    pub(super) fn take(&mut self, news: &Value) {
        self.version = news["version"].as_u64().unwrap();
        if let Some(full) = news["full"].as_str() {
            let bytes = STANDARD.decode(full).unwrap();
            self.seats =
                bytes.iter().flat_map(|byte| [0, 2, 4, 6].map(|shift| (byte >> shift) & 3)).collect();
        }
        for change in news["changes"].as_array().into_iter().flatten() {
            let words = ["available", "reserved", "sold", "blocked"];
            let status = words.iter().position(|word| change["status"] == *word).unwrap();
            self.put(change["index"].as_u64().unwrap(), u8::try_from(status).unwrap());
        }
    }

    /// Applies a batch in the binary form.
    pub(super) fn take_binary(&mut self, bytes: &[u8]) {
        let (head, changes) = bytes.split_at(20);
        assert_eq!(&head[..8], b"FSA1\x01\0\0\0");
        self.version = u64::from_le_bytes(head[8..16].try_into().unwrap());
        let (changes, rest) = changes.as_chunks::<4>();
        assert!(rest.is_empty() && head[16..] == u32::try_from(changes.len()).unwrap().to_le_bytes());
        for change in changes.iter().map(|bytes| u32::from_le_bytes(*bytes)) {
            self.put(u64::from(change >> 2), u8::try_from(change & 3).unwrap());
        }
    }

    fn put(&mut self, index: u64, status: u8) {
        self.seats[usize::try_from(index).unwrap()] = status;
    }
}

/// An open seat map.
pub(crate) struct Viewer {
    pub(super) socket: WebSocketStream<TcpStream>,
}

impl Viewer {
    pub(crate) async fn open(address: SocketAddr, path: &str) -> Result<Self, Error> {
        Self::open_on(TcpStream::connect(address).await.unwrap(), path).await
    }

    /// A viewer whose connection can buffer less than a batch of a thousand changes.
    pub(super) async fn open_narrow(address: SocketAddr, path: &str) -> Result<Self, Error> {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(32 * 1_024).unwrap();
        Self::open_on(socket.connect(address).await.unwrap(), path).await
    }

    /// A viewer who is signed in.
    pub(super) async fn open_as(address: SocketAddr, path: &str, token: &str) -> Result<Self, Error> {
        let mut request = format!("ws://fairseat.test/api/v1{path}").into_client_request()?;
        request.headers_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
        let stream = TcpStream::connect(address).await.unwrap();
        let (socket, _answer) = tokio_tungstenite::client_async(request, stream).await?;
        Ok(Self { socket })
    }

    async fn open_on(stream: TcpStream, path: &str) -> Result<Self, Error> {
        let url = format!("ws://fairseat.test/api/v1{path}");
        let (socket, _answer) = tokio_tungstenite::client_async(url, stream).await?;
        Ok(Self { socket })
    }

    /// The next message that is not a ping, within two minutes.
    pub(super) async fn message(&mut self) -> Message {
        within_patience("the next message of the feed", self.next_message()).await
    }

    /// Waits until the connection ends; all messages before that must be close frames. At most two minutes.
    pub(super) async fn end(&mut self) {
        let end = async {
            while let Some(Ok(message)) = self.socket.next().await {
                assert!(message.is_close(), "{message}");
            }
        };
        within_patience("the server closes the feed", end).await;
    }

    async fn next_message(&mut self) -> Message {
        loop {
            let message = self.socket.next().await.unwrap().unwrap();
            if !message.is_ping() {
                return message;
            }
        }
    }

    /// Reads and updates the map until it has reached the last version, once that is known.
    pub(super) async fn learn(mut self, mut seen: SeatMap, mut last: watch::Receiver<u64>) -> SeatMap {
        while seen.version < *last.borrow_and_update() {
            tokio::select! {
                message = self.next_message() => {
                    if let Message::Binary(bytes) = &message {
                        seen.take_binary(bytes);
                    } else {
                        seen.take(&serde_json::from_str(message.to_text().unwrap()).unwrap());
                    }
                }
                known = last.changed() => known.unwrap(),
            }
        }
        seen
    }

    pub(crate) async fn json(&mut self) -> Value {
        serde_json::from_str(self.message().await.to_text().unwrap()).unwrap()
    }
}
