# Build, install and test recon with PGXS.
#
#   make                 build recon.so and recon--1.0.sql
#   make install         put them where the server of PG_CONFIG looks (DESTDIR is honoured)
#   make installcheck    run the tests against that installation
#   make check           everything, on a copy of the tree, in servers of its own; nothing to prepare
#   make demo            a bank statement and a ledger, reconciled in a private server
#   make bench           loading, matching, figures and text similarity, against their rivals; how good the matches are; how far
#                        one machine goes
#   make unit            the core's unit tests alone
#   make fuzz            the fuzz targets for FUZZ_SECONDS (600)
#   make soak            background jobs for SOAK_SECONDS (3600), by which the server must not grow
#   make format          clang-format over all C++ sources
#   make dist            what is released, of the commit at hand: build/recon-VERSION.zip and .tar.gz
#   make package         Debian packages, in build/package

PG_CONFIG ?= pg_config
export PG_CONFIG

# The parts of recon--1.0.sql, in this order; one file a capability in src/sql.
TABLES = tables/projects tables/loads tables/uploads tables/records tables/rules tables/matches tables/exceptions tables/audit tables/stats tables/dump
SQL_MODULES = header $(TABLES) comments access audit ingest inbox upload match jobs review exceptions closing stats memo report ops indexes grants

DEV_GOALS = check demo bench unit fuzz soak format setup dist package
.DEFAULT_GOAL := all
.PHONY: all $(DEV_GOALS) test-module install-test-module wrong-libraries syntax

ifneq ($(filter-out $(DEV_GOALS),$(or $(MAKECMDGOALS),all)),)

PGXS := $(shell $(PG_CONFIG) --pgxs 2>/dev/null)
SERVER_HEADERS := $(shell $(PG_CONFIG) --includedir-server 2>/dev/null)
ifeq ($(and $(wildcard $(PGXS)),$(wildcard $(SERVER_HEADERS)/postgres.h)),)
$(error no PostgreSQL server headers by way of PG_CONFIG=$(PG_CONFIG): run dev/setup, or name another pg_config)
endif

rwildcard = $(foreach d,$(wildcard $(1)/*),$(call rwildcard,$(d),$(2)) $(filter $(subst *,%,$(2)),$(d)))
SOURCES := $(sort $(call rwildcard,src,*.cpp))
SQL_FILES := $(foreach m,$(SQL_MODULES),$(wildcard src/sql/$(m).sql))

MODULE_big = recon
OBJS = $(SOURCES:.cpp=.o)
EXTENSION = recon
DATA = $(wildcard src/sql/recon--*--*.sql)
DATA_built = recon--1.0.sql
PGFILEDESC = "recon - reconciliation of bank and ledger data"

# Server headers as system headers: our warnings are not meant for them.
PG_CPPFLAGS = -isystem $(SERVER_HEADERS) -Isrc
# -ffp-contract=off: scores are the same bit for bit on every machine.
PG_CXXFLAGS = -std=c++20 -Wall -Wextra -Wshadow -Werror -Wno-register -ffp-contract=off \
	-fvisibility-inlines-hidden -MMD -MP
ifneq ($(findstring clang,$(CXX)),)
# The server's flags name warnings that only gcc knows.
PG_CXXFLAGS += -Wno-unknown-warning-option -Wno-ignored-attributes -Wno-cast-function-type
endif
SHLIB_LINK = -lstdc++ -lcsv -lxxhash -licui18n -licuuc -lz
# The symbols that the server looks up; everything else stays inside the library.
SHLIB_EXPORTS = recon.exports.txt

REGRESS := $(sort $(patsubst sql/%.sql,%,$(wildcard sql/*.sql)))
REGRESS_OPTS += --load-extension=recon
ISOLATION := $(sort $(patsubst test/isolation/specs/%.spec,%,$(wildcard test/isolation/specs/*.spec)))
ISOLATION_OPTS += --inputdir=test/isolation --outputdir=test/isolation --load-extension=recon
TAP_TESTS := $(if $(wildcard test/tap/*.pl),1)
PROVE_TESTS := $(sort $(wildcard test/tap/*.pl))

TEST_MODULE = test/module/recon_test
EXTRA_CLEAN = $(shell find src test/module -name '*.d' -o -name '*.o') $(TEST_MODULE).so \
	recon.exports.* $(TEST_MODULE).exports.* .build-id build

# The bitcode rule ignores PG_CXXFLAGS, and inlining tiny C++ functions into queries gains nothing.
override with_llvm := no
include $(PGXS)

recon--1.0.sql: $(SQL_FILES) Makefile
	@printf '%s\n\n' '\echo Use "CREATE EXTENSION recon" to load this file. \quit' >$@.tmp
	@for f in $(SQL_FILES); do printf -- '-- %s\n' "$${f#src/}"; cat "$$f"; echo; done >>$@.tmp
	@mv $@.tmp $@

# An entry point is declared by RECON_FUNCTION(name), a worker's main by RECON_WORKER(name),
# what parallel workers run by RECON_PARALLEL(name).
exported = { printf '%s\n' Pg_magic_func _PG_init; \
	sed -nE 's/^RECON_FUNCTION\((\w+)\).*/\1\npg_finfo_\1/p; s/^RECON_(WORKER|PARALLEL)\((\w+)\).*/\2/p' /dev/null $(1); } \
	| LC_ALL=C sort -u | awk '{print $$1, NR}'

recon.exports.txt: $(SOURCES) Makefile
	@$(call exported,$(SOURCES)) >$@

# Objects of another server version, compiler or set of flags are built again.
BUILD_ID := $(strip $(VERSION) $(includedir_server) $(CXX) $(CXXFLAGS) $(CPPFLAGS))
ifneq ($(MAKECMDGOALS),syntax)
ifneq ($(BUILD_ID),$(strip $(file <.build-id)))
$(file >.build-id,$(BUILD_ID))
endif
endif
$(OBJS) $(patsubst %.cpp,%.o,$(wildcard test/module/*.cpp)): .build-id
.build-id: ;

# The core never meets the server's symbol lookup: calls inside it need no indirection.
src/core/%.o: override CXXFLAGS += -fvisibility=hidden

# Functions for the tests and benchmarks; not part of an installation.
MODULE_SOURCES := $(sort $(wildcard test/module/*.cpp))
MODULE_OWN_OBJS := $(MODULE_SOURCES:.cpp=.o)
MODULE_OBJS = $(MODULE_OWN_OBJS) src/ingest/codec.o $(filter src/pg/% src/core/%,$(OBJS))
test-module: $(TEST_MODULE).so
$(TEST_MODULE).exports.txt: $(MODULE_SOURCES)
	@$(call exported,$(MODULE_SOURCES)) >$@
$(TEST_MODULE).so: $(MODULE_OBJS) $(TEST_MODULE).exports.list
	$(CC) -shared -o $@ $(MODULE_OBJS) -Wl,--version-script=$(TEST_MODULE).exports.list \
		$(LDFLAGS) $(SHLIB_LINK)
$(TEST_MODULE).exports.list: $(TEST_MODULE).exports.txt
	$(BUILD.exports)
$(MODULE_OWN_OBJS): override CXXFLAGS += $(CFLAGS_SL)
install-test-module: test-module
	$(MKDIR_P) '$(DESTDIR)$(pkglibdir)'
	$(INSTALL_SHLIB) $(TEST_MODULE).so '$(DESTDIR)$(pkglibdir)/'

# Libraries with wrong rules of the memo, for the test of its tests: build/wrong/N/recon.so
WRONG_SOURCES := src/memo/marks.cpp src/memo/memo.cpp src/memo/slots.cpp src/access/membership.cpp
wrong-libraries: $(foreach n,1 2 3,build/wrong/$(n)/recon.so)
build/wrong/%/recon.so: $(OBJS) recon.exports.list
	@mkdir -p $(@D)
	for f in $(WRONG_SOURCES); do \
		$(CXX) $(CXXFLAGS) $(CFLAGS_SL) $(CPPFLAGS) -DRECON_MEMO_WRONG=$* -MF /dev/null -Wno-return-type -c -o $(@D)/$$(basename $$f .cpp).o $$f || exit 1; \
	done
	$(CC) -shared -o $@ $(@D)/*.o $(filter-out $(WRONG_SOURCES:.cpp=.o),$(OBJS)) \
		-Wl,--version-script=recon.exports.list $(LDFLAGS) $(SHLIB_LINK)

# Only the warnings and errors of a compiler: make syntax CXX=clang++
syntax: $(addsuffix .syntax,$(SOURCES) $(wildcard test/unit/*.cpp test/module/*.cpp))
%.cpp.syntax: %.cpp
	$(CXX) $(filter-out -MMD -MP,$(CXXFLAGS)) $(CPPFLAGS) -fsyntax-only $<

-include $(OBJS:.o=.d) $(MODULE_SOURCES:.cpp=.d)

endif

ifneq ($(filter $(DEV_GOALS),$(MAKECMDGOALS)),)

# These run scripts that install what is missing first, so they need no PostgreSQL at hand.
setup:
	@dev/setup all
check:
	@dev/check
demo:
	@dev/demo
bench:
	@bench/load
	@bench/matching
	@bench/accuracy
	@bench/similarity
	@bench/groups
	@bench/counters
	@bench/memo
	@bench/indexes
	@bench/scale
format:
	@dev/format
dist:
	@dev/dist
package:
	@dev/package build
fuzz:
	@dev/setup check
	@dev/fuzz long
soak:
	@dev/soak
unit:
	@dev/setup check
	cmake -S . -B build/unit && cmake --build build/unit -j2
	cd build/unit && ctest --output-on-failure -j2

endif
