//! A loop with a journal in memory: inputs and outputs, one line each.

use crate::support::{EVENT, at, open, request};
use fairseat_domain::time::Timestamp;
use fairseat_domain::{Command, Sale, wire};
use fairseat_engine::{BatchIds, Input, MachineLoop, Output, Published};
use fairseat_journal::{Append, AppendError, Journal, MemoryJournal, Position, StreamId};
use futures::FutureExt;

/// A loop, its journal, and the questions that the journal has not answered yet.
pub(crate) struct Writer {
    pub(crate) machine_loop: MachineLoop<u32>,
    pub(crate) journal: MemoryJournal,
    pub(crate) append: Option<Append>,
    pub(crate) clock: Timestamp,
}

impl Writer {
    /// A sale of `seats` in one row, opened: position 1.
    pub(crate) fn opened(seats: usize) -> Self {
        let nothing = Published::<Sale>::empty(EVENT);
        let mut writer = Self {
            machine_loop: MachineLoop::new(nothing, BatchIds::new(1)),
            journal: MemoryJournal::new(),
            append: None,
            clock: at(0),
        };
        assert_eq!(writer.ask(&[(0, open(1, seats))]), ["append 1"]);
        assert_eq!(writer.journal_answers(), ["publish 1", "yes 0 @1"]);
        writer
    }

    pub(crate) fn ask(&mut self, requests: &[(u32, Command)]) -> Vec<String> {
        for (token, command) in requests {
            self.machine_loop.take(Input::Request(*token, Box::new(request(command.clone()))));
        }
        self.run()
    }

    pub(crate) fn run(&mut self) -> Vec<String> {
        let outputs = self.machine_loop.run(self.clock);
        outputs.into_iter().map(|output| self.line(output)).collect()
    }

    pub(crate) fn line(&mut self, output: Output<u32>) -> String {
        match output {
            Output::Append(append) => {
                assert!(self.append.replace(append.clone()).is_none(), "one append at a time");
                format!("append {}", wire::decode_batch(&append.payload).unwrap().len())
            }
            Output::AppendAgain(append) => {
                assert_eq!(self.append.replace(append.clone()), None, "one append at a time");
                format!("append again {}", wire::decode_batch(&append.payload).unwrap().len())
            }
            Output::Publish(published, ..) => format!("publish {}", published.position.0),
            Output::Answer(token, answer, version) => {
                format!("{} {token} @{}", if answer.is_ok() { "yes" } else { "no" }, version.position.0)
            }
            Output::Fail(token, fault) => format!("fail {token} {fault:?}"),
            Output::Quarantine(violation) => format!("quarantine: {violation}"),
            Output::Diverged => "diverged".to_owned(),
        }
    }

    pub(crate) fn tell(&mut self, input: Input<u32>) -> Vec<String> {
        self.machine_loop.take(input);
        self.run()
    }

    /// The journal carries out the append and acknowledges it.
    pub(crate) fn journal_answers(&mut self) -> Vec<String> {
        let append = self.append.take().unwrap();
        let appended = self.journal.append(append).now_or_never().unwrap();
        self.tell(Input::Appended(appended))
    }

    pub(crate) fn journal_fails(&mut self, error: AppendError) -> Vec<String> {
        self.append = None;
        self.tell(Input::Appended(Err(error)))
    }

    /// Another writer, whose state is up to date, appends first.
    pub(crate) fn other_writer(&self, command: Command) {
        let read = self.journal.read(StreamId(EVENT.0), Position::START, 1 << 20);
        let batches = read.now_or_never().unwrap().unwrap();
        let nothing = Published::<Sale>::empty(EVENT);
        let known = fairseat_engine::replay(nothing, &batches).unwrap();
        let mut other = MachineLoop::new(known, BatchIds::new(2));
        for output in other.handle(Input::Request((), Box::new(request(command))), self.clock) {
            if let Output::Append(append) = output {
                self.journal.append(append).now_or_never().unwrap().unwrap();
            }
        }
    }
}

/// No output.
pub(crate) const NOTHING: [&str; 0] = [];
