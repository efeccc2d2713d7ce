//! Newtarget. FILL IN from what is known of the target, never from the connector: the other side of the wire must not share
//! its mistakes. What is not known is a switch in [`Options`].

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::ops::Deref;
use std::sync::{Arc, Mutex};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::clock::Clock;
use crate::harness::{Admission, App, Call, Reply, StandIn, bind, changed, lock};

/// What is not known of the target, or differs between accounts.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Options {
    /// How many users there are to begin with.
    pub users: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self { users: 20 }
    }
}

/// Serves a stand-in of Newtarget at `listen` (port 0 for any).
pub async fn start(listen: SocketAddr, options: Options) -> io::Result<Newtarget> {
    let (listener, address) = bind(listen).await?;
    let user = |n: usize| {
        let id = format!("U{n}");
        (id.clone(), json!({"id": id, "email": format!("person{n}@example.com")}))
    };
    let state = State { users: (1..=options.users).map(user).collect(), options };
    let stand_in = StandIn::start(listener, address, Clock::system(), Arc::new(Rules(Mutex::new(state))));
    Ok(Newtarget { stand_in })
}

/// A stand-in of Newtarget that is being served; it stops when dropped. What all stand-ins have in common is in
/// [`StandIn`].
pub struct Newtarget {
    stand_in: StandIn,
}

impl Newtarget {
    /// The API base, without a slash at the end.
    pub fn api_url(&self) -> String {
        format!("{}/v1", self.base_url())
    }
}

impl Deref for Newtarget {
    type Target = StandIn;

    fn deref(&self) -> &StandIn {
        &self.stand_in
    }
}

struct State {
    options: Options,
    users: BTreeMap<String, Value>,
}

struct Rules(Mutex<State>);

impl App for Rules {
    fn admit(&self, _: &Call) -> Result<Admission, Reply> {
        Ok(Admission::default())
    }

    fn answer(&self, call: &Call) -> Reply {
        if call.authorization.is_none() && call.api_token.is_none() {
            return Reply::json(401, json!({"message": "no credential"}).to_string());
        }
        let state = lock(&self.0);
        match call.path.strip_prefix("/v1/users") {
            Some("") if call.method == "GET" => {
                let users: Vec<_> = state.users.values().collect();
                Reply::json(200, json!({ "users": users }).to_string())
            }
            Some(id) if call.method == "GET" => match state.users.get(id.trim_start_matches('/')) {
                Some(user) => Reply::json(200, user.to_string()),
                None => Reply::json(404, json!({"message": "no such user"}).to_string()),
            },
            _ => Reply::json(404, json!({"message": "no such path"}).to_string()),
        }
    }

    fn fast(&self, _: &Call) -> Option<Reply> {
        None
    }

    fn options(&self) -> Value {
        serde_json::to_value(&lock(&self.0).options).unwrap_or_default()
    }

    fn change_options(&self, change: Value) -> Result<(), String> {
        let mut state = lock(&self.0);
        state.options = changed(&state.options, change)?;
        Ok(())
    }
}
