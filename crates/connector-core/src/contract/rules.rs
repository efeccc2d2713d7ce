//! The rules: what each change of an attribute does to clients, and the sentence about it.

use super::{Attribute, Type, Unmapped, Way, changes::Notes};

/// What clients can do with an attribute.
#[derive(Clone, Copy)]
struct Can {
    read: bool,
    create: bool,
    change: bool,
}

impl Way {
    const fn can(self) -> Can {
        match self {
            Self::Both => Can { read: true, create: true, change: true },
            Self::Read => Can { read: true, create: false, change: false },
            Self::Create => Can { read: true, create: true, change: false },
            Self::Write => Can { read: false, create: true, change: true },
            Self::WriteAtCreation => Can { read: false, create: true, change: false },
        }
    }

    /// What "clients can".
    const fn ability(self) -> &'static str {
        match self {
            Self::Both => "read and set it",
            Self::Read => "read it",
            Self::Create => "read it, and set it at creation",
            Self::Write => "set it, and never read it",
            Self::WriteAtCreation => "set it at creation, and never read it",
        }
    }
}

/// Where attributes are compared: the resource type before and after, and the list they are in.
pub(super) struct Context<'c> {
    pub(super) before: &'c Type,
    pub(super) after: &'c Type,
    pub(super) list: &'c str,
}

impl Context<'_> {
    pub(super) fn attributes(
        &self,
        notes: &mut Notes,
        old: &[Attribute],
        unmapped: &[Unmapped],
        new: &[Attribute],
    ) {
        for after in new {
            match old.iter().find(|before| before.scim == after.scim) {
                Some(before) => self.attribute(notes, before, after),
                None => self.gained(notes, after, unmapped),
            }
        }
        for before in old.iter().filter(|before| new.iter().all(|after| after.scim != before.scim)) {
            let name = self.name(before);
            let reason = self.after.unmapped.iter().find(|unmapped| unmapped.scim == name);
            let how = match reason {
                Some(unmapped) => format!("is no longer mapped ({})", unmapped.reason),
                None => "is gone".to_owned(),
            };
            notes.breaks(format!("`{name}`: {how}: clients can no longer {}", before.way.ability()));
        }
    }

    fn name(&self, attribute: &Attribute) -> String {
        if self.list.is_empty() {
            attribute.scim.clone()
        } else {
            format!("{}.{}", self.list, attribute.scim)
        }
    }

    fn gained(&self, notes: &mut Notes, after: &Attribute, unmapped: &[Unmapped]) {
        let name = self.name(after);
        let how = if unmapped.iter().any(|row| row.scim == name) { "is now mapped" } else { "is new" };
        let text = format!("`{name}`: {how}: clients can {}", after.way.ability());
        if self.is_demanded(after) {
            notes.breaks(format!("{text}, and must: who leaves it out is refused"));
        } else if self.is_cleared(after) {
            notes.careful(format!("{text}; a PUT that leaves it out clears it in the target"));
        } else {
            notes.fine(text);
        }
    }

    /// Whether clients who do not send it, and were served until now, are refused.
    fn is_demanded(&self, after: &Attribute) -> bool {
        let demanded =
            after.required || (after.way.can().create && after.elements.iter().any(|sub| sub.required));
        demanded && after.way.can().create && (self.before.create || self.before.change)
    }

    /// Whether a PUT that leaves it out, as all did until now, clears it.
    fn is_cleared(&self, after: &Attribute) -> bool {
        let own_place = after.alias_of.is_none() && after.transform != "slot";
        after.way.can().change && !after.kept && own_place && self.before.change
    }

    fn attribute(&self, notes: &mut Notes, before: &Attribute, after: &Attribute) {
        // Taken apart, so that what is added to a contract must be decided on here or in `other_marks`.
        let Attribute {
            scim: _,
            target,
            way,
            transform,
            words,
            kind,
            required,
            kept,
            on_request,
            unmarked: _,
            read_apart: _,
            open: _,
            ambiguous_beside: _,
            granted: _,
            apart: _,
            computed: _,
            settled: _,
            max_chars,
            filter: _,
            alias_of: _,
            also_from: _,
            filled: _,
            places,
            leading: _,
            elements,
        } = before;
        let name = self.name(after);
        if *way != after.way {
            self.way(notes, &name, *way, after);
        }
        if *kind != after.kind {
            let told = |kind: Option<crate::scim::Type>| {
                kind.map_or("that of the schema".to_owned(), |kind| format!("`{kind}`"))
            };
            notes.breaks(format!("`{name}`: its type was {}, is now {}", told(*kind), told(after.kind)));
        }
        if *target != after.target {
            notes.breaks(format!(
                "`{name}`: was `{target}` in the target, is now `{}`: it holds other values",
                after.target
            ));
        }
        if *transform != after.transform {
            notes.breaks(format!(
                "`{name}`: its values were converted by `{transform}`, are now by `{}`: they read and write differently",
                after.transform
            ));
        } else if *words != after.words {
            told_words(notes, &name, words, &after.words);
        }
        if *required != after.required {
            self.required(notes, &name, after);
        }
        if *kept != after.kept {
            let text = if after.kept { "no longer clears it" } else { "now clears it in the target" };
            notes.breaks_if(
                self.before.change && way.can().change,
                format!("`{name}`: a PUT that leaves it out {text}"),
            );
        }
        if *on_request != after.on_request {
            let text = if after.on_request {
                "is read only when a client asks for it by name"
            } else {
                "is read without being asked for"
            };
            notes.breaks_if(after.on_request, format!("`{name}`: {text}"));
        }
        limit(notes, &name, *max_chars, after.max_chars);
        other_marks(notes, &name, before, after);
        if *places != after.places {
            told_places(notes, &name, places, &after.places);
        }
        Context { list: &name, ..*self }.attributes(notes, elements, &self.before.unmapped, &after.elements);
    }

    fn way(&self, notes: &mut Notes, name: &str, before: Way, after: &Attribute) {
        let (old, new) = (before.can(), after.way.can());
        let mut effects = Vec::new();
        let mut told = |text: &'static str, holds: bool| effects.extend(holds.then_some(text));
        told("clients can no longer read it", old.read && !new.read);
        told("clients can no longer set it", old.create && !new.create);
        told("clients can no longer change it after creation", old.change && !new.change && new.create);
        let breaks = !effects.is_empty();
        let mut told = |text: &'static str, holds: bool| effects.extend(holds.then_some(text));
        told("clients can now read it", !old.read && new.read);
        told("clients can now set it", !old.create && new.create);
        told("clients can now change it after creation", old.create && !old.change && new.change);
        let clears = !old.change && self.is_cleared(after);
        told("a PUT that leaves it out clears it in the target", clears);
        let text = format!("`{name}`: was {before}, is now {}: {}", after.way, effects.join("; "));
        match (breaks, clears) {
            (true, _) => notes.breaks(text),
            (false, true) => notes.careful(text),
            (false, false) => notes.fine(text),
        }
    }

    fn required(&self, notes: &mut Notes, name: &str, after: &Attribute) {
        if !after.way.can().create {
            let text = if after.required {
                "must now stand in every answer of the target"
            } else {
                "may now be missing in the target's answers"
            };
            notes.fine(format!("`{name}`: {text}"));
        } else if after.required {
            let text = format!("`{name}`: was optional, is now required: who leaves it out is refused");
            notes.breaks_if(self.is_demanded(after), text);
        } else {
            notes.fine(format!("`{name}`: was required, is now optional"));
        }
    }
}

/// The marks that change where a value comes from, and what is done about it.
fn other_marks(notes: &mut Notes, name: &str, before: &Attribute, after: &Attribute) {
    if before.alias_of != after.alias_of {
        let told = |other: &Option<String>| {
            other.as_ref().map_or("itself alone".to_owned(), |other| format!("the value of `{other}`"))
        };
        notes.breaks(format!(
            "`{name}`: stood for {}, stands now for {}",
            told(&before.alias_of),
            told(&after.alias_of)
        ));
    }
    if before.also_from != after.also_from {
        match &after.also_from {
            Some(list) if before.also_from.is_none() => {
                notes.fine(format!("`{name}`: is now also taken from `{list}`"));
            }
            now => {
                let old = before.also_from.as_deref().unwrap_or("nothing");
                let now = now.as_deref().unwrap_or("nothing else");
                notes.breaks(format!("`{name}`: was also taken from `{old}`, is now from `{now}`"));
            }
        }
    }
    if before.leading != after.leading {
        let text = if after.leading { "always has an element now" } else { "may be empty now" };
        notes.careful(format!("`{name}`: the first place {text}"));
    }
    if before.filled != after.filled {
        let values = if after.filled.is_empty() { "none".to_owned() } else { after.filled.join(", ") };
        notes.careful(format!(
            "`{name}`: values the target fills in by itself, which count as no value, are now: {values}"
        ));
    }
    if before.filter != after.filter {
        let who = if after.filter.is_some() {
            "the target"
        } else {
            "the gateway, which reads the whole list for them"
        };
        notes.fine(format!("`{name}`: filters on it are now answered by {who}"));
    }
    if before.unmarked != after.unmarked {
        let text = if after.unmarked { "now" } else { "no longer" };
        notes.breaks_if(
            before.unmarked,
            format!("`{name}`: an element without its mark is {text} taken for it"),
        );
    }
    if before.read_apart != after.read_apart {
        let text = if after.read_apart {
            "takes calls of its own now"
        } else {
            "takes no calls of its own any more"
        };
        notes.fine(format!("`{name}`: {text}"));
    }
    if before.ambiguous_beside != after.ambiguous_beside {
        let beside = after.ambiguous_beside.as_deref().unwrap_or("no attribute");
        notes.fine(format!("`{name}`: what was written is now remembered beside {beside}"));
    }
    if before.granted != after.granted {
        let text = if after.granted { "the target now decides" } else { "clients now decide" };
        notes.careful(format!("`{name}`: {text} about its elements"));
    }
    if before.apart != after.apart {
        let text = if after.apart { "by calls after the creation" } else { "with the creation" };
        notes.fine(format!("`{name}`: members of a new object are now added {text}"));
    }
    if before.computed != after.computed && before.way == after.way {
        let text = if after.computed { "ignored instead of refused" } else { "refused instead of ignored" };
        notes.breaks_if(before.computed, format!("`{name}`: a PATCH that names it is now {text}"));
    }
    if before.open != after.open {
        let text = if after.open { "now shows" } else { "no longer shows" };
        notes.fine(format!("`{name}`: a dry run {text} its value"));
    }
    if before.settled != after.settled {
        let text = if after.settled {
            "is now compared after creation and set once more"
        } else {
            "is no longer compared after creation"
        };
        notes.fine(format!("`{name}`: {text}"));
    }
}

fn told_words(notes: &mut Notes, name: &str, before: &[(String, String)], after: &[(String, String)]) {
    let pairs = |pairs: &[(String, String)], others: &[(String, String)]| {
        let missing = pairs.iter().filter(|pair| !others.contains(pair));
        missing.map(|(scim, target)| format!("{scim}={target}")).collect::<Vec<_>>().join(", ")
    };
    let (gone, new) = (pairs(before, after), pairs(after, before));
    match (gone.as_str(), new.as_str()) {
        ("", "") => notes.careful(format!("`{name}`: of words that stand for the same, another comes first")),
        ("", new) => notes.fine(format!("`{name}`: takes further words: {new}")),
        (gone, "") => notes.breaks(format!("`{name}`: no longer takes and gives the words {gone}")),
        (gone, new) => notes.breaks(format!("`{name}`: instead of the words {gone}, takes and gives {new}")),
    }
}

fn limit(notes: &mut Notes, name: &str, before: Option<usize>, after: Option<usize>) {
    match (before, after) {
        (old, Some(new)) if old.is_none_or(|old| new < old) => {
            notes.breaks(format!("`{name}`: takes at most {new} characters now: longer values are refused"));
        }
        (Some(_), Some(new)) if before != after => {
            notes.fine(format!("`{name}`: takes up to {new} characters now"));
        }
        (Some(_), None) => notes.fine(format!("`{name}`: takes any number of characters now")),
        _ => {}
    }
}

fn told_places(notes: &mut Notes, name: &str, before: &[String], after: &[String]) {
    let told = |places: &[String]| match places.len() {
        0 => "any number of elements".to_owned(),
        1 => "one element".to_owned(),
        many => format!("{many} elements"),
    };
    let most = |places: &[String]| if places.is_empty() { usize::MAX } else { places.len() };
    match (most(before), most(after)) {
        (old, new) if new < old => {
            notes.breaks(format!(
                "`{name}`: held {}, holds now {}: further ones are refused",
                told(before),
                told(after)
            ));
        }
        (old, new) if new > old && (after.is_empty() || after.starts_with(before)) => {
            notes.fine(format!("`{name}`: held {}, holds now {}", told(before), told(after)));
        }
        _ => notes
            .breaks(format!("`{name}`: another element goes into each of its places: {}", after.join("; "))),
    }
}
