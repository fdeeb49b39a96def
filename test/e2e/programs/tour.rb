require "json"
require "set"
require "digest"
require "erb"
require "csv"
require "time"

File.write("/tmp/a.txt", "b\na\n")
puts File.readlines("/tmp/a.txt", chomp: true).sort.join(",")
puts JSON.generate({ list: [1, 2.5, nil], set: Set[3, 1].to_a.sort })
puts Digest::SHA256.hexdigest("abc")[0, 16]
puts ERB.new("<% 2.times do |i| %><%= i %>;<% end %>").result
puts CSV.parse("x,y\n1,2\n", headers: true).map { |row| row["y"] }.inspect
puts Time.parse("2024-01-01T00:00:00Z").to_i
puts Dir.children("/").sort.inspect
puts ARGF.read.upcase
begin
  File.read("/etc/passwd")
rescue Errno::ENOENT => error
  puts error.message
end
