//! Everything that can go wrong between the host and a target.

/// One thing that goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Trouble {
    /// The connection is closed before anything is read.
    ClosedAtOnce,
    /// The request is read and never reaches the target.
    DroppedBefore,
    /// The request takes effect; nothing is answered.
    DroppedAfter,
    /// The request takes effect; the answer ends in its head.
    HalfHead,
    /// The request takes effect; the answer ends in its body.
    HalfBody,
    /// The request never reaches the target, and nothing is said.
    StalledBefore,
    /// The request takes effect, and nothing is said.
    StalledAfter,
    /// The request takes effect; its whole answer comes in drops.
    Trickle,
    /// 429 with a second to wait.
    RateLimited,
    /// 429 without a word on how long.
    RateLimitedMute,
    /// 429 with nonsense for a time.
    RateLimitedNonsense,
    /// 429 until a time that has passed by our clock: the target's is an hour behind.
    RateLimitedInThePast,
    /// 500, and no effect.
    Failed,
    /// 500 although it took effect.
    FailedAfter,
    /// 502 of something between, in HTML.
    BadGateway,
    /// 503 of a target under maintenance.
    Maintenance,
    /// 504 although it took effect.
    GatewayTimeoutAfter,
    /// It takes effect; the answer is no JSON.
    InvalidJson,
    /// It takes effect; the answer is JSON of another form.
    WrongType,
    /// It takes effect; the answer is larger than anything that is read.
    Oversized,
    /// A redirect to the cloud's metadata.
    Redirected,
    /// The target's certificate is nobody's.
    UntrustedCertificate,
    /// Where TLS should be spoken, it is not.
    NoTls,
    /// The target's name has no address.
    NameUnknown,
    /// The target's name stands for the cloud's metadata all at once.
    NameRebound,
}

/// Where a trouble is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// In what goes over the wire.
    Wire,
    /// In how the wire begins: it lasts.
    Tls,
    /// In where the wire leads: it lasts, and everybody who shares the resolver has it.
    Names,
}

/// For how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Lasts {
    /// The first request that matches.
    Once,
    /// Until the client has its answer.
    Throughout,
}

impl Trouble {
    /// All of them.
    pub const ALL: &[Self] = &[
        Self::ClosedAtOnce,
        Self::DroppedBefore,
        Self::DroppedAfter,
        Self::HalfHead,
        Self::HalfBody,
        Self::StalledBefore,
        Self::StalledAfter,
        Self::Trickle,
        Self::RateLimited,
        Self::RateLimitedMute,
        Self::RateLimitedNonsense,
        Self::RateLimitedInThePast,
        Self::Failed,
        Self::FailedAfter,
        Self::BadGateway,
        Self::Maintenance,
        Self::GatewayTimeoutAfter,
        Self::InvalidJson,
        Self::WrongType,
        Self::Oversized,
        Self::Redirected,
        Self::UntrustedCertificate,
        Self::NoTls,
        Self::NameUnknown,
        Self::NameRebound,
    ];

    /// Where it is made.
    pub const fn place(self) -> Place {
        match self {
            Self::UntrustedCertificate | Self::NoTls => Place::Tls,
            Self::NameUnknown | Self::NameRebound => Place::Names,
            _ => Place::Wire,
        }
    }

    /// Whether it is taken for a wish to be left alone for half a minute.
    pub const fn takes_long(self) -> bool {
        matches!(self, Self::RateLimitedMute | Self::RateLimitedNonsense)
    }

    /// For how long it is tried. What would have to be waited for, half a minute or until a stalled attempt is given up, is
    /// lifted when the client has its answer.
    pub const fn lasting(self) -> &'static [Lasts] {
        match self {
            Self::StalledBefore | Self::StalledAfter => &[Lasts::Throughout],
            _ if self.takes_long() => &[Lasts::Throughout],
            _ if matches!(self.place(), Place::Wire) => &[Lasts::Once, Lasts::Throughout],
            _ => &[Lasts::Throughout],
        }
    }

    /// Whether the target's answer comes, but makes no sense: never a passing fault.
    pub const fn is_odd(self) -> bool {
        matches!(self, Self::InvalidJson | Self::WrongType | Self::Oversized | Self::Redirected)
    }

    /// Whether nothing leaves for a while although the target would take it again: it refused without saying for how long,
    /// or taught a limit that nobody publishes.
    pub const fn stops_the_limit(self) -> bool {
        matches!(
            self,
            Self::RateLimited
                | Self::RateLimitedMute
                | Self::RateLimitedNonsense
                | Self::RateLimitedInThePast
        )
    }

    /// Whether the target gets the request.
    pub const fn takes_effect(self) -> bool {
        matches!(
            self,
            Self::DroppedAfter
                | Self::HalfHead
                | Self::HalfBody
                | Self::StalledAfter
                | Self::Trickle
                | Self::FailedAfter
                | Self::GatewayTimeoutAfter
                | Self::InvalidJson
                | Self::WrongType
                | Self::Oversized
        )
    }

    /// What is answered in the target's stead: status, further head lines, body.
    pub(super) const fn instead(self) -> Option<(u16, &'static str, &'static str)> {
        const HTML: &str = "<html><body>Something is wrong</body></html>";
        Some(match self {
            Self::RateLimited => (429, "retry-after: 1\r\n", "{}"),
            Self::RateLimitedMute => (429, "", "{}"),
            Self::RateLimitedNonsense => (429, "retry-after: soon\r\n", "{}"),
            // Any time in the past will do.
            Self::RateLimitedInThePast => (429, "retry-after: Thu, 01 Jan 2026 00:00:00 GMT\r\n", "{}"),
            Self::Failed | Self::FailedAfter => (500, "", "{}"),
            Self::BadGateway => (502, "content-type: text/html\r\n", HTML),
            Self::Maintenance => (503, "content-type: text/html\r\n", HTML),
            Self::GatewayTimeoutAfter => (504, "content-type: text/html\r\n", HTML),
            Self::Redirected => (302, "location: http://169.254.169.254/latest/meta-data/\r\n", ""),
            _ => return None,
        })
    }
}
