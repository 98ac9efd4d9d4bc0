# The official PostgreSQL image, which is Debian, with recon in it. Not built by the tests: they run where there is no
# Docker.
#
#   docker build -t recon --build-arg PG_MAJOR=17 .
#   docker run -e POSTGRES_PASSWORD=... recon
ARG PG_MAJOR=17

FROM postgres:${PG_MAJOR}-bookworm AS build
ARG PG_MAJOR
RUN apt-get update && apt-get install -y --no-install-recommends g++ make libcsv-dev libicu-dev libxxhash-dev zlib1g-dev \
    postgresql-server-dev-${PG_MAJOR}
COPY . /src
WORKDIR /src
RUN make -j"$(nproc)" PG_CONFIG=/usr/lib/postgresql/${PG_MAJOR}/bin/pg_config \
    && make install DESTDIR=/installed PG_CONFIG=/usr/lib/postgresql/${PG_MAJOR}/bin/pg_config

FROM postgres:${PG_MAJOR}-bookworm
RUN apt-get update && apt-get install -y --no-install-recommends libcsv3 libicu72 libxxhash0 zlib1g && rm -rf /var/lib/apt/lists/*
COPY --from=build /installed /
RUN echo "CREATE EXTENSION recon;" >/docker-entrypoint-initdb.d/recon.sql
CMD ["postgres", "-c", "shared_preload_libraries=recon"]
