<?php
// Works with channels as with files: reads one line by line, writes another, appends, seeks.
$in = fopen("/dev/names.txt", "r");
$names = [];
while (($line = fgets($in)) !== false) $names[] = rtrim($line);
sort($names);
fseek($in, 4);
$rest = fread($in, 3);
$out = fopen("/dev/result.txt", "w");
fwrite($out, implode(",", $names) . "\n");
fclose($out);
file_put_contents("/dev/result.txt", "more\n", FILE_APPEND);
mkdir("/tmp/a/b", 0755, true);
file_put_contents("/tmp/a/b/c", str_repeat("x", 100000));
rename("/tmp/a/b/c", "/tmp/a/c");
$words = preg_split('/[\s,]+/', "one, two  three");
preg_match_all('/(?<y>\d{4})-(\d\d)/', "2024-01 and 1999-12", $found);
echo json_encode([
    "rest" => $rest,
    "size" => filesize("/tmp/a/c"),
    "left" => scandir("/tmp/a"),
    "denied" => @file_get_contents("/etc/passwd"),
    "words" => $words,
    "years" => $found["y"],
    "date" => date("c", time()),
    "hash" => hash("xxh3", "channel"),
    "round" => json_decode('{"a":{"b":[1,2.5,"ü"]}}', true)["a"]["b"][2],
    "upper" => mb_strtoupper("grün"),
    "args" => array_slice($argv, 1),
], JSON_UNESCAPED_UNICODE), "\n";
$before = time();
sleep(1000);
echo time() - $before >= 1000 ? "slept" : "awake", "\n";
$database = new PDO("sqlite::memory:");
$database->exec("create table t (x); insert into t values (1), (2), (39)");
echo $database->query("select sum(x) from t")->fetchColumn(), "\n";
exit(5);
