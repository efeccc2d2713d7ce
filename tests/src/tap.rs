//! A wire that is listened to, on the way to a target.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

/// Passes connections on and keeps what goes over them, both ways.
#[derive(Debug)]
pub struct Tap {
    /// Where to come instead of to the target.
    pub address: SocketAddr,
    heard: Arc<Mutex<Vec<u8>>>,
}

impl Tap {
    /// A tap before that target.
    pub async fn before(target: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("loopback has a free port");
        let address = listener.local_addr().expect("it listens");
        let heard: Arc<Mutex<Vec<u8>>> = Arc::default();
        tokio::spawn({
            let heard = heard.clone();
            async move {
                while let Ok((client, _)) = listener.accept().await {
                    let Ok(target) = TcpStream::connect(target).await else { return };
                    let ((from_client, to_client), (from_target, to_target)) =
                        (client.into_split(), target.into_split());
                    tokio::spawn(pass(from_client, to_target, heard.clone()));
                    tokio::spawn(pass(from_target, to_client, heard.clone()));
                }
            }
        });
        Self { address, heard }
    }

    /// Everything so far.
    pub fn heard(&self) -> String {
        String::from_utf8_lossy(&self.heard.lock().unwrap_or_else(PoisonError::into_inner)).into_owned()
    }

    /// Every text that stood between `before` and `after`.
    pub fn all(&self, before: &str, after: char) -> Vec<String> {
        let heard = self.heard();
        let texts = heard.split(before).skip(1).filter_map(|rest| rest.split(after).next());
        texts.map(str::to_owned).collect()
    }
}

async fn pass(mut from: impl AsyncRead + Unpin, mut to: impl AsyncWrite + Unpin, heard: Arc<Mutex<Vec<u8>>>) {
    let mut buffer = vec![0; 16 * 1024];
    // Either side may end it.
    while let Ok(count @ 1..) = from.read(&mut buffer).await {
        heard.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(&buffer[..count]);
        if to.write_all(&buffer[..count]).await.is_err() {
            return;
        }
    }
    let _ = to.shutdown().await;
}
