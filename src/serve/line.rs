//! A connection's bytes. Whoever reads an answer more slowly than a poor telephone line is let go, so that slow readers hold neither
//! connections nor documents for long. What is left of the connection afterwards can be asked for.

use std::{
    io::{self, Write},
    pin::Pin,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, ready},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    time::{Instant, Sleep},
};

/// While an answer waits for its reader, so much of it must go out in this time: 2 KiB a second.
const WINDOW: Duration = Duration::from_secs(15);
const LEAST: usize = 30 * 1024;

/// A connection, as hyper reads and writes it.
pub struct Line {
    /// There until the line is dropped.
    stream: Option<TcpStream>,
    /// Runs while an answer waits for its reader.
    window: Option<Pin<Box<Sleep>>>,
    /// Bytes that went out since the window was opened.
    sent: usize,
    rest: Arc<Rest>,
}

/// What is left of a connection.
#[derive(Default)]
pub struct Rest {
    /// Something was said to which nothing was answered.
    unanswered: AtomicBool,
    stream: Mutex<Option<TcpStream>>,
}

impl Line {
    /// A line over a stream, and what will be left of it.
    pub fn over(stream: TcpStream) -> (Line, Arc<Rest>) {
        let rest = Arc::<Rest>::default();
        (Line { stream: Some(stream), window: None, sent: 0, rest: rest.clone() }, rest)
    }

    fn stream(&mut self) -> io::Result<Pin<&mut TcpStream>> {
        self.stream.as_mut().map(Pin::new).ok_or_else(|| io::ErrorKind::NotConnected.into())
    }

    fn went(&mut self, written: usize) {
        self.sent += written;
        self.rest.unanswered.store(false, Ordering::Relaxed);
    }

    /// The reader takes nothing at present.
    fn wait(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        if self.window.is_none() {
            self.sent = 0;
        }
        let window = self.window.get_or_insert_with(|| Box::pin(tokio::time::sleep(WINDOW)));
        while window.as_mut().poll(cx).is_ready() {
            if std::mem::take(&mut self.sent) < LEAST {
                return Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, "the client reads too slowly")));
            }
            window.as_mut().reset(Instant::now() + WINDOW);
        }
        Poll::Pending
    }
}

impl Rest {
    /// A last word to whoever began to say something and did not go on; it is lost where it cannot be said at once.
    pub fn say(&self, word: &[u8]) {
        let stream = self.stream.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(stream) = stream.filter(|_| self.unanswered.load(Ordering::Relaxed)) {
            say(stream, word);
        }
    }
}

/// A last word, as far as it can be said at once.
pub fn say(stream: TcpStream, word: &[u8]) {
    // tokio's own stream would wait until it has heard that it may write.
    if let Ok(mut stream) = stream.into_std() {
        let _ = stream.write(word);
    }
}

impl AsyncRead for Line {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(self.stream()?.poll_read(cx, buffer))?;
        if buffer.filled().len() > before {
            self.rest.unanswered.store(true, Ordering::Relaxed);
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Line {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match self.stream()?.poll_write(cx, bytes) {
            Poll::Ready(written) => {
                self.went(*written.as_ref().unwrap_or(&0));
                Poll::Ready(written)
            }
            Poll::Pending => self.wait(cx),
        }
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match self.stream()?.poll_write_vectored(cx, parts) {
            Poll::Ready(written) => {
                self.went(*written.as_ref().unwrap_or(&0));
                Poll::Ready(written)
            }
            Poll::Pending => self.wait(cx),
        }
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.as_ref().is_some_and(AsyncWrite::is_write_vectored)
    }

    /// Everything that there was to say is said: nobody is waited for.
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.window = None;
        self.stream()?.poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream()?.poll_shutdown(cx)
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        *self.rest.stream.lock().unwrap_or_else(PoisonError::into_inner) = self.stream.take();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpListener,
    };

    async fn pair() -> (Line, Arc<Rest>, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (client, accepted) =
            tokio::join!(TcpStream::connect(listener.local_addr().unwrap()), async { listener.accept().await });
        let (line, rest) = Line::over(accepted.unwrap().0);
        (line, rest, client.unwrap())
    }

    #[tokio::test]
    async fn whoever_reads_nothing_is_let_go_and_whoever_reads_gets_everything() {
        let (mut line, rest, mut client) = pair().await;
        let reading = tokio::spawn(async move {
            let mut all = Vec::new();
            client.read_to_end(&mut all).await.map(|_| all.len())
        });
        let text = vec![b'x'; 20 << 20];
        line.write_all(&text).await.unwrap();
        line.flush().await.unwrap();
        drop((line, rest));
        assert_eq!(reading.await.unwrap().unwrap(), text.len());

        let (mut line, _rest, _silent) = pair().await;
        tokio::time::pause();
        let refused = line.write_all(&text).await.unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::TimedOut);
    }

    #[tokio::test]
    async fn the_last_word_goes_to_whoever_began_to_speak() {
        for (said, heard) in [("GET /", "408"), ("", "")] {
            let (mut line, rest, mut client) = pair().await;
            client.write_all(said.as_bytes()).await.unwrap();
            if !said.is_empty() {
                line.read_exact(&mut [0; 5]).await.unwrap();
            }
            drop(line);
            rest.say(b"408");
            drop(rest);
            let mut all = String::new();
            client.read_to_string(&mut all).await.unwrap();
            assert_eq!(all, heard);
        }
    }
}
