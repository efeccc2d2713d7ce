//! A door before the target that can be held shut: requests that are under way, for as long as a test needs.

use std::net::SocketAddr;

use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    sync::watch,
    time::timeout,
};

use crate::PATIENCE;

/// Passes connections on to a target once it is open. It is shut at first.
#[derive(Debug)]
pub struct Gate {
    /// Where to come instead of to the target.
    pub address: SocketAddr,
    arrived: watch::Receiver<usize>,
    open: watch::Sender<bool>,
}

impl Gate {
    /// A gate before that target; without one it opens to nothing.
    pub async fn before(target: Option<SocketAddr>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("loopback has a free port");
        let address = listener.local_addr().expect("it listens");
        let (count, arrived) = watch::channel(0);
        let open = watch::Sender::new(false);
        let opened = open.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                count.send_modify(|count| *count += 1);
                tokio::spawn(pass(client, target, opened.subscribe()));
            }
        });
        Self { address, arrived, open }
    }

    /// Its SCIM address, as Slack's.
    pub fn scim_url(&self) -> String {
        format!("http://{}/scim/v1/", self.address)
    }

    /// Waits until so many connections stand before it or have gone through.
    pub async fn arrived(&self, count: usize) {
        let mut arrived = self.arrived.clone();
        let came = timeout(PATIENCE, arrived.wait_for(|come| *come >= count)).await;
        assert!(came.is_ok_and(|come| come.is_ok()), "{count} did not come");
    }

    /// Lets everybody through from now on.
    pub fn open(&self) {
        self.open.send_replace(true);
    }
}

async fn pass(mut client: TcpStream, target: Option<SocketAddr>, mut open: watch::Receiver<bool>) {
    let opened = open.wait_for(|open| *open).await.is_ok();
    let Some(target) = target.filter(|_| opened) else { return };
    if let Ok(mut target) = TcpStream::connect(target).await {
        // Either side may end it.
        let _ = copy_bidirectional(&mut client, &mut target).await;
    }
}
