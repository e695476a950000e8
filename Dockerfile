# syndic in a container: docker build -t syndic . && docker run -p 8080:8080 -v syndic:/data -v ./feeds.toml:/etc/syndic/feeds.toml:ro syndic
# UNTESTED: the first stage, for want of the Rust image. The second was built and run by buildah, as its own user, over a Debian from debootstrap
# and with a program built outside: it starts, its health check says so, `syndic status` answers (docs/installing.md).

FROM rust:1.95-slim-bookworm AS build
RUN apt-get update && apt-get install -y --no-install-recommends build-essential
WORKDIR /build
COPY . .
ARG PROFILE=release
RUN cargo build --locked --profile ${PROFILE} && cp target/${PROFILE}/syndic /usr/local/bin/syndic

FROM debian:bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --user-group --home-dir /data --shell /usr/sbin/nologin syndic \
    && install -d -o syndic -g syndic -m 0750 /data /var/lib/syndic/posts
COPY --from=build /usr/local/bin/syndic /usr/bin/syndic
COPY packaging/debian/feeds.toml /etc/syndic/feeds.toml
COPY LICENSE LICENSE-APACHE LICENSE-MIT /usr/share/doc/syndic/
ENV SYNDIC_CONFIG=/etc/syndic/feeds.toml SYNDIC_DATA=/data SYNDIC_LISTEN=0.0.0.0:8080
USER syndic
WORKDIR /data
VOLUME /data
EXPOSE 8080
STOPSIGNAL SIGTERM
# bash opens the connection itself: the image needs no curl.
HEALTHCHECK --interval=30s --timeout=5s --start-period=2m --retries=3 \
    CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/8080 && printf 'GET /readyz HTTP/1.0\\r\\n\\r\\n' >&3 && read -r -t 4 _ code _ <&3 && [ \"$code\" = 200 ]"]
ENTRYPOINT ["/usr/bin/syndic"]
CMD ["run"]
