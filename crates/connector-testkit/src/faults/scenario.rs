//! One operation, one trouble, and what must be true afterwards.

use serde_json::{Value, json};

use super::{Lasts, Place, Scim, Struck, Target, Trouble, Wire};

/// How often a client sends a request again that is answered 503.
const SEND_AGAIN: usize = 20;

/// What the client does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Operation {
    /// Reads a user.
    Read,
    /// Creates a user.
    Create,
    /// Changes a user.
    Modify,
    /// Deletes a user.
    Delete,
    /// Makes a user a member of a group.
    AddMember,
}

impl Operation {
    /// All of them.
    pub const ALL: &[Self] = &[Self::Read, Self::Create, Self::Modify, Self::Delete, Self::AddMember];
}

/// One operation and one trouble.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Scenario {
    /// What the client does.
    pub operation: Operation,
    /// What goes wrong.
    pub trouble: Trouble,
    /// For how long.
    pub lasts: Lasts,
}

/// A scenario whose client has its answer.
#[derive(Debug)]
pub struct Begun {
    scenario: Scenario,
    request: Request,
    told: (u16, Value),
}

#[derive(Debug)]
struct Request {
    /// The user's name, and the group's.
    name: String,
    /// The user's id, where there is one.
    id: String,
    method: &'static str,
    path: String,
    body: Option<Value>,
}

impl Scenario {
    /// Every trouble for every one of these operations. Where nothing reaches the target, those that need nothing of it
    /// beforehand stand for all; where half a minute has to be waited, reads do, as writes would wait it out.
    pub fn all(operations: &[Operation]) -> Vec<Self> {
        let mut all = Vec::new();
        for &trouble in Trouble::ALL {
            for &lasts in trouble.lasting() {
                let fits = |operation: &&Operation| match operation {
                    Operation::Read => true,
                    Operation::Create => !trouble.takes_long(),
                    _ => !trouble.takes_long() && trouble.place() == Place::Wire,
                };
                let fitting = operations.iter().filter(fits);
                all.extend(fitting.map(|&operation| Self { operation, trouble, lasts }));
            }
        }
        all
    }

    /// Prepares, makes the trouble, sends the request, and lifts the trouble when the answer is there. What is called `name`
    /// belongs to this scenario alone. Trouble with names is the caller's to make: it is everybody's.
    pub async fn begin(
        self,
        name: &str,
        target: &dyn Target,
        wire: &Wire,
        scim: &dyn Scim,
        names: impl Fn(Trouble) + Send,
    ) -> Result<Begun, String> {
        let request = self.prepare(name, target, scim).await?;
        let struck = if self.operation == Operation::Read { Struck::Reads } else { Struck::Writes };
        match self.trouble.place() {
            Place::Wire => wire.arm(self.trouble, struck, self.lasts),
            Place::Names => names(self.trouble),
            Place::Tls => {}
        }
        let told = request.send(scim).await;
        if self.trouble.place() == Place::Wire {
            let happened = wire.counts().struck > 0;
            wire.lift();
            if !happened {
                return Err(format!("{self:?}: the trouble did not happen"));
            }
        }
        Ok(Begun { scenario: self, request, told })
    }

    /// Makes what the operation needs; its id.
    async fn make(self, scim: &dyn Scim, path: &str, body: &Value) -> Result<String, String> {
        match scim.send("POST", path, Some(body)).await {
            (201, made) => Ok(made["id"].as_str().unwrap_or_default().to_owned()),
            (status, answer) => Err(format!("{self:?}: cannot be prepared: {status} {answer}")),
        }
    }

    async fn prepare(self, name: &str, target: &dyn Target, scim: &dyn Scim) -> Result<Request, String> {
        let request = |id: &str, method, path: String, body| Request {
            name: name.to_owned(),
            id: id.to_owned(),
            method,
            path,
            body,
        };
        if self.operation == Operation::Create {
            return Ok(request("", "POST", "/Users".to_owned(), Some(target.user(name))));
        }
        let id = match self.operation {
            Operation::Read => target.somebody(),
            _ => self.make(scim, "/Users", &target.user(name)).await?,
        };
        let path = format!("/Users/{id}");
        let patching = |operations: Value| {
            let schema = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
            Some(json!({ "schemas": [schema], "Operations": operations }))
        };
        Ok(match self.operation {
            Operation::Read => request(&id, "GET", path, None),
            Operation::Modify => request(&id, "PATCH", path, patching(target.change())),
            Operation::Delete => request(&id, "DELETE", path, None),
            Operation::AddMember => {
                let schema = "urn:ietf:params:scim:schemas:core:2.0:Group";
                let group =
                    self.make(scim, "/Groups", &json!({ "schemas": [schema], "displayName": name })).await?;
                let add = json!([{ "op": "add", "path": "members", "value": [{ "value": id }] }]);
                request(&id, "PATCH", format!("/Groups/{group}"), patching(add))
            }
            Operation::Create => unreachable!("it is prepared above"),
        })
    }
}

impl Request {
    async fn send(&self, scim: &dyn Scim) -> (u16, Value) {
        scim.send(self.method, &self.path, self.body.as_ref()).await
    }
}

impl Begun {
    /// The status that the client was answered with.
    pub const fn status(&self) -> u16 {
        self.told.0
    }

    /// Looks what the target holds, sends the same request again, and looks once more. How many objects are there twice; an
    /// error says what is not as it must be.
    pub async fn finish(self, target: &dyn Target, scim: &dyn Scim) -> Result<usize, String> {
        let (scenario, (status, answer)) = (self.scenario, &self.told);
        let wrong = |what: &str| Err(format!("{scenario:?}: {what}: {status} {answer}"));
        if !self.is_expected() {
            return wrong("the answer is not what this trouble leads to");
        }
        let is_error = answer["status"].as_str() == Some(&status.to_string()) && answer["detail"].is_string();
        if *status >= 400 && !is_error {
            return wrong("the answer is no SCIM error that says what is wrong");
        }
        let effects = self.effects(target);
        let acknowledged = *status < 300;
        match effects {
            0 if acknowledged => return wrong("it was acknowledged and did not happen"),
            1.. if (400..500).contains(status) => return wrong("it was refused and happened all the same"),
            _ => {}
        }
        let detail = answer["detail"].as_str().unwrap_or_default();
        let doubtful = detail.contains("not known whether") || detail.contains("may still take effect");
        let odd = *status == 502 && scenario.trouble.is_odd();
        if scenario.operation == Operation::Create && effects > 0 && !acknowledged && !doubtful && !odd {
            return wrong("it happened and the client was not told that it may have");
        }

        // As clients do, until they are told something.
        let (mut again, mut second) = self.request.send(scim).await;
        let mut asked_twice = effects > 0;
        for _ in 0..SEND_AGAIN {
            if again != 503 || scenario.trouble.place() == Place::Tls {
                break;
            }
            asked_twice = true;
            (again, second) = self.request.send(scim).await;
        }
        let lasting =
            scenario.trouble.place() == Place::Tls || scenario.trouble.stops_the_limit() && again == 429;
        let good = match scenario.operation {
            _ if lasting => matches!(again, 429 | 503),
            Operation::Read => again == 200 && second["id"] == self.request.id,
            // The object of an earlier request is there.
            Operation::Create => again == 201 && effects == 0 || again == 409 && asked_twice,
            Operation::Delete => again == 204 || again == 404 && effects > 0,
            Operation::Modify | Operation::AddMember => matches!(again, 200 | 204),
        };
        if !good {
            return Err(format!("{scenario:?}: told {status} {answer}, sent again: {again} {second}"));
        }
        match self.effects(target) {
            0 if !lasting && scenario.operation != Operation::Read => {
                Err(format!("{scenario:?}: nothing has happened in the end"))
            }
            held => Ok(held.saturating_sub(1)),
        }
    }

    /// Whether this is a true answer to such a trouble.
    fn is_expected(&self) -> bool {
        let Scenario { operation, trouble, lasts } = self.scenario;
        let (status, answer) = (self.told.0, &self.told.1);
        let done = status < 300;
        // It is always true that it takes too long.
        let late = lasts == Lasts::Throughout && status == 503;
        let detail = answer["detail"].as_str().unwrap_or_default();
        match trouble {
            _ if late => true,
            Trouble::NameRebound => status == 502 && detail.contains("link-local or cloud metadata"),
            Trouble::NameUnknown | Trouble::UntrustedCertificate | Trouble::NoTls => false,
            Trouble::Redirected => status == 502,
            _ if trouble.is_odd() && operation == Operation::Read => status == 502,
            _ if trouble.is_odd() => done || status == 502,
            _ if lasts == Lasts::Once => done,
            _ if trouble.stops_the_limit() => status == 429,
            Trouble::HalfBody => done || status == 502,
            _ => done || status == 503,
        }
    }

    /// How often what was asked for has happened, as the target sees it.
    fn effects(&self, target: &dyn Target) -> usize {
        let people = target.people(&self.request.name);
        match self.scenario.operation {
            Operation::Read => usize::from(self.told.1["id"] == self.request.id),
            // An id that is told is that of what is there.
            Operation::Create
                if self.told.0 < 300 && !people.iter().any(|one| self.told.1["id"] == one.id) =>
            {
                0
            }
            Operation::Create => people.len(),
            Operation::Modify => people.iter().filter(|person| person.is_changed).count(),
            // Not being there cannot happen twice.
            Operation::Delete => usize::from(!people.iter().any(|person| person.is_active)),
            Operation::AddMember => {
                let member =
                    |members: &Vec<String>| members.iter().filter(|id| **id == self.request.id).count();
                target.groups(&self.request.name).iter().map(member).sum()
            }
        }
    }
}
