//! The request of a refresh: at the address that the source is at now, in the host's turn, which ends with the answer.

use super::Tools;
use crate::{
    config::Config,
    fetch::{Fetched, fetch_in_turn},
    model::{Answer, Failure, Source, SourceKind, SourceState, Time, Validators},
    poll::{host::Visit, moves, schedule::hold},
};
use tokio::sync::OwnedMutexGuard;

/// Asks; gives the answer, and when it had come: wishes count from then. A host that asks to slow down is left alone by all its sources.
pub async fn ask(
    tools: &Tools,
    config: &Config,
    source: &Source,
    before: &SourceState,
    visit: &mut Visit,
    now: Time,
) -> (Result<Fetched, Failure>, Time) {
    let fetched = fetch_where_it_is(tools, config, source, before, visit, now).await;
    let answered = tools.clock.now();
    if let Err(failure) = &fetched
        && failure.answer.status == 429
    {
        let first = moves::elsewhere(source, before).or_else(|| source.url().cloned());
        visit.slow_down(&config.fetch, first.as_ref(), answered + hold(failure)).await;
    }
    visit.has_asked();
    (fetched, answered)
}

/// The right to work on a source.
pub struct Alone {
    /// Its host was left meanwhile.
    pub waited: bool,
    _guard: OwnedMutexGuard<()>,
}

/// Who waits for a push of the same source to be taken in keeps neither its host nor a permit meanwhile: the push may need them.
pub async fn alone(tools: &Tools, source: &Source, visit: &mut Visit) -> Alone {
    if let Some(guard) = tools.subscriptions.alone_now(&source.id) {
        return Alone { waited: false, _guard: guard };
    }
    visit.pass();
    Alone { waited: true, _guard: tools.subscriptions.alone(&source.id).await }
}

/// Goes to the source's host once more, after it was left unasked. False when the program is shutting down.
pub async fn come_back(config: &Config, source: &Source, before: &SourceState, visit: &mut Visit) -> bool {
    visit.go(&config.fetch, moves::elsewhere(source, before).as_ref().or(source.url())).await
}

/// What one address answered is not sent to another.
async fn fetch_where_it_is(
    tools: &Tools,
    config: &Config,
    source: &Source,
    before: &SourceState,
    visit: &mut Visit,
    now: Time,
) -> Result<Fetched, Failure> {
    let (client, config) = (&tools.client, &config.fetch);
    match (moves::elsewhere(source, before), &before.adopted) {
        (None, None) => fetch_in_turn(client, config, source, before, visit, now).await,
        (Some(url), _) => {
            let moved = Source { kind: SourceKind::Feed(url), ..source.clone() };
            fetch_in_turn(client, config, &moved, before, visit, now).await
        }
        (None, Some(_)) => {
            let nothing =
                SourceState { validators: Validators::default(), answer: Answer::default(), ..before.clone() };
            fetch_in_turn(client, config, source, &nothing, visit, now).await
        }
    }
}
