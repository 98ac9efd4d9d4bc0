#include "core/ingest/record_key.hpp"

#include "ingest_load.hpp"

namespace recon::test {
namespace {

// Keys of the records of one file.
class Keys : public Sink {
  public:
    void take(const Record& record) override {
        if (!maker) maker.emplace(engine->attribute_keys());
        keys.push_back((*maker)(record));
    }
    void take(const Reject&) override { FAIL(); }
    Engine* engine = nullptr;
    std::optional<KeyMaker> maker;
    std::vector<RecordKey> keys;
};

std::vector<RecordKey> keys_of(std::string_view file, std::string_view mapping = "null") {
    json::Value value = parse_json(mapping);
    Utf8 codec;
    NeverStop stop;
    Keys keys;
    Engine engine(parse_options(parse_json("{}")), parse_mapping(&value), codec, keys, stop);
    keys.engine = &engine;
    engine.feed(file);
    engine.finish();
    return keys.keys;
}

bool same_key(const RecordKey& a, const RecordKey& b) {
    return a.high == b.high && a.low == b.low && a.has_external_id == b.has_external_id;
}

TEST(RecordKey, ExternalIdAndContent) {
    auto keys = keys_of(
        "external_id,amount,note\nx,1.50,a\nx,1.5,a\nx,2,a\ny,1.5,a\nx,1.5,\n,1.5,a\n,1.500,a\n,1."
        "5,b\n");
    EXPECT_TRUE(same_key(keys[0], keys[1]));
    EXPECT_EQ(keys[0].content, keys[1].content) << "1.50 is 1.5";
    EXPECT_TRUE(same_key(keys[0], keys[2]));
    EXPECT_NE(keys[0].content, keys[2].content);
    EXPECT_FALSE(same_key(keys[0], keys[3]));
    EXPECT_NE(keys[0].content, keys[4].content);
    EXPECT_FALSE(same_key(keys[0], keys[5]));
    EXPECT_TRUE(same_key(keys[5], keys[6]));
    EXPECT_FALSE(same_key(keys[5], keys[7]));
    EXPECT_EQ(keys[5].content, 0u);
}

TEST(RecordKey, TheOrderOfColumnsDoesNotMatter) {
    auto keys = keys_of("amount,zip,a,bb\n1,z,y,x\n");
    auto turned = keys_of("bb,amount,a,zip,more\nx,1.0,y,z,\n");
    EXPECT_TRUE(same_key(keys[0], turned[0]));
    auto other = keys_of("amount,zip,a,b\n1,z,y,x\n");
    EXPECT_FALSE(same_key(keys[0], other[0])) << "another name";
}

TEST(RecordKey, FieldsDoNotRunTogether) {
    auto keys = keys_of("reference,description\nab,c\na,bc\n,abc\n\"\",abc\n");
    for (std::size_t i = 0; i < keys.size(); ++i)
        for (std::size_t j = 0; j < i; ++j) EXPECT_FALSE(same_key(keys[i], keys[j])) << i << j;
    auto id = keys_of("external_id\nsame\n"), text = keys_of("reference\nsame\n");
    EXPECT_FALSE(same_key(id[0], text[0]));
}

}  // namespace
}  // namespace recon::test
